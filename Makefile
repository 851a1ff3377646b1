# `make run` starts the product, `make test` proves it. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help setup run test check bench mutants lock audit shell psql reset

# The newest Python on this machine that is new enough.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python3.14; do \
	"$$p" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PY := .venv/bin/python
TESTING := $(PY) -m pytest

help:           ## this list
	@sed -n 's/^\([a-z]*\): .*##/  make \1\t/p' Makefile | expand -t 16

setup: .venv/installed  ## make .venv and install what is locked

.venv/installed: requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Callwright needs Python 3.11 or newer with its venv module (on Debian: apt install python3-venv). Install it, or name one: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(PY) || $(PYTHON) -m venv .venv || { rm -rf .venv; echo "$(PYTHON) could not make .venv here. Its venv module may be missing (on Debian: apt install python3-venv), or this folder may not be writable."; exit 1; }
	@echo "Installing what is locked into .venv …"
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-input --root-user-action ignore --require-hashes -r requirements-dev.lock
	@PYTHONWARNINGS=ignore $(PY) -m pip install --quiet --disable-pip-version-check --no-input --root-user-action ignore --no-deps --no-build-isolation --editable .
	@touch .venv/installed

run: setup      ## start everything; prints the address and the sign-in
	@exec $(PY) -m config.local run

test: check     ## the whole check: lint, types, arrows, migrations, deploy, unit, end-to-end, browser
	@$(PY) -m tests.machine
	$(TESTING) -m "not processes" -n 2 --dist loadgroup
	$(TESTING) -m processes

check: setup    ## the fast part: lint, types, arrows, migrations, deploy settings
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy .
	.venv/bin/lint-imports
	$(TESTING) -q tests/architecture

bench: setup    ## measure what the product promises to do fast
	@$(PY) -m bench

mutants: setup  ## sow known faults into a copy and see the checks turn red
	@$(PY) -m tests.mutants "$(only)"

lock: setup     ## write the lock files anew from pyproject.toml
	$(PY) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml --output-file requirements.lock
	$(PY) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 pyproject.toml --extra local --group dev --constraint requirements.lock --output-file requirements-dev.lock

audit: setup    ## ask whether anything locked has a known hole
	$(PY) -m pip_audit --requirement requirements.lock --disable-pip

shell: setup    ## a Python shell inside the product
	@$(PY) -m config.local exec -- $(PY) manage.py shell

psql: setup     ## SQL, as the owner of the database
	@$(PY) -m config.local psql

reset: setup    ## forget everything: empty the data folder
	@$(PY) -m config.local reset
