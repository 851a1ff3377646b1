"""System checks: name the mistake and the cure."""
