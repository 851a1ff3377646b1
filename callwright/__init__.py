"""The `callwright` command: the HTTP API from a terminal."""

VERSION = "0.1.0"
