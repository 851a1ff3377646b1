"""The backup that docs/operating.md shows: taken past the walls, restored into a new database, and whole."""

import os
import subprocess
import sys

import psycopg
import pytest
from psycopg import sql

from config.env import CHECKOUT
from config.local.binaries import psql_program
from tests.operations.rig import rig
from tests.servers import on_database

pytestmark = [pytest.mark.processes, pytest.mark.xdist_group("operations")]

SEED = [sys.executable, "manage.py", "seed_practice"]
COUNTS = "SELECT count(*), (SELECT count(*) FROM accounts_auditentry) FROM accounts_membership"


def tool(name: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    program = str(psql_program().parent / name)
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=check)


def test_a_dump_by_the_superuser_comes_back_whole_and_one_by_the_owner_is_refused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    dump = str(tmp_path_factory.mktemp("backup") / "callwright.dump")
    with rig(durable=False) as own:
        subprocess.run(
            SEED,
            cwd=CHECKOUT,
            env={**os.environ, **own.environment, "DEMO_PASSWORD": "a practice password"},
            check=True,
        )
        superuser = own.servers.superuser_url
        before, after = on_database(superuser, "callwright"), on_database(superuser, "restored")
        refused = tool(
            "pg_dump", "--format", "custom", "--file", dump, own.environment["DATABASE_OWNER_URL"], check=False
        )
        assert "row-level security" in refused.stderr
        tool("pg_dump", "--format", "custom", "--file", dump, before)
        with psycopg.connect(superuser, autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE restored OWNER callwright_owner"))
        tool("pg_restore", "--exit-on-error", "--dbname", after, dump)
        with psycopg.connect(before) as one, psycopg.connect(after) as other:
            counted = one.execute(COUNTS).fetchone()
            assert counted == other.execute(COUNTS).fetchone()
            assert counted
            assert min(counted) > 0
        with psycopg.connect(on_database(own.environment["DATABASE_URL"], "restored")) as app:
            assert app.execute(COUNTS).fetchone() == (0, 0), "the walls came back with the rows"
