"""Faults sown on purpose. A promise whose test stays green under its fault is a wish."""
