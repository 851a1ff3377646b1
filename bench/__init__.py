"""How fast? `python -m bench.NAME` prints one JSON line per measurement; `make bench` prints all as a table."""
