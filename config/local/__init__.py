"""A laptop's servers and the supervisor behind `make run`. It runs before there are settings: no Django here."""
