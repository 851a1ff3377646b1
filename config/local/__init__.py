"""A laptop's servers and the supervisor behind `make run`. Runs before there are settings: no Django in here."""
