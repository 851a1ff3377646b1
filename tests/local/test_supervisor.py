"""The supervisor behind `make run`, with stand-ins for the product's programs."""

import os
import re
import signal
from pathlib import Path

from config.local import processes
from config.local.servers import temporary_servers
from tests.local.conftest import Installed, command_of, eventually


def pid_of(installed: Installed, words: str) -> int:
    (found,) = installed.programs(words)
    return found


def postmaster_of(installed: Installed) -> int:
    return int((installed.data / "postgres/postmaster.pid").read_text().split()[0])


def stopped_cleanly(installed: Installed) -> bool:
    return installed.left() == [] and not {"supervisor.lock", "postmaster.pid"} & {
        path.name for path in installed.data.rglob("*")
    }


def test_it_starts_in_order_and_says_last_where_to_go(installed: Installed) -> None:
    running = installed.start().until_up()
    order = [running.output.index(words) for words in ("made ready", "at work", "Callwright runs at")]
    assert order == sorted(order)
    assert f"http://127.0.0.1:{installed.port}" in running.output
    assert "demo@example.com" in running.output
    assert "the one you chose" in running.output
    assert re.search(r"Practice clock +Tuesday \d+ \w+ \d{4}, 10:3\d in New York", running.output)
    assert running.end(signal.SIGTERM) == 0
    assert stopped_cleanly(installed)


def test_it_stops_last_things_first(installed: Installed) -> None:
    running = installed.start().until_up()
    assert running.end(signal.SIGINT) == 0
    told = [line.split()[0] for line in running.lines if re.search(r"\| stopped$", line)]
    assert told == ["beat", "worker"]


def test_every_line_says_whose_it_is(installed: Installed) -> None:
    running = installed.start().until_up()
    running.end(signal.SIGTERM)
    labelled = [line for line in running.lines if "|" in line]
    assert {line.index("|") for line in labelled} == {len("postgres ")}
    assert "worker   | at work" in labelled


def test_a_program_that_dies_is_started_again_with_a_line_that_says_so(installed: Installed) -> None:
    running = installed.start().until_up()
    for expected in ("0.2", "0.4", "0.8"):
        seen, before = len(running.lines), pid_of(installed, " beat")
        os.kill(before, signal.SIGKILL)
        running.wait_for(rf"^beat +\| was ended by SIGKILL; it starts again in {expected} s", since=seen)
        running.wait_for(r"^beat +\| started again as process \d+\n(.*\n)*beat +\| at work", since=seen)
        assert pid_of(installed, " beat") != before
    assert running.end(signal.SIGTERM) == 0
    assert stopped_cleanly(installed)


def test_children_of_a_dead_program_do_not_outlive_it(installed: Installed) -> None:
    running = installed.start().until_up()
    child, seen = pid_of(installed, "sleep 98765"), len(running.lines)
    os.kill(pid_of(installed, " worker"), signal.SIGKILL)
    running.wait_for(r"^worker +\| at work", since=seen)
    assert not processes.is_alive(child)
    running.end(signal.SIGTERM)
    assert stopped_cleanly(installed)


def test_a_killed_supervisor_leaves_nothing_behind_and_the_next_start_works(installed: Installed) -> None:
    first = installed.start().until_up()
    first.kill()
    # What the programs themselves started is not ours to bind; the next start ends it.
    assert eventually(lambda: installed.left() == installed.programs("sleep 98765"), within=3)
    second = installed.start().until_up()
    assert len(installed.programs("sleep 98765")) == 1
    assert second.end(signal.SIGTERM) == 0
    assert stopped_cleanly(installed)


def test_a_second_start_is_told_where_the_first_one_is(installed: Installed) -> None:
    first = installed.start().until_up()
    second = installed.command("run")
    assert second.returncode == 1
    assert f"process {first.process.pid}, http://127.0.0.1:{installed.port}" in second.stderr
    assert "Traceback" not in second.stderr
    refusal = installed.command("reset", "--yes")
    assert refusal.returncode == 1
    assert "already running" in refusal.stderr
    assert first.end(signal.SIGTERM) == 0


def test_other_commands_use_the_servers_that_run(installed: Installed) -> None:
    running = installed.start().until_up()
    before = postmaster_of(installed)
    assert installed.sql("CREATE TABLE shared (id int)").returncode == 0
    assert installed.sql("SELECT count(*) FROM shared").stdout.strip() == "0"
    clock = installed.command("exec", "--", "printenv", "CLOCK_START", "CLOCK_ANCHOR").stdout
    worker = Path(f"/proc/{pid_of(installed, ' worker')}/environ").read_text().split("\0")
    assert set(map("=".join, zip(("CLOCK_START", "CLOCK_ANCHOR"), clock.split(), strict=True))) <= set(worker)
    assert postmaster_of(installed) == before
    running.end(signal.SIGTERM)


def test_a_program_that_will_not_stop_is_killed_when_hurried(installed: Installed) -> None:
    running = installed.start(RIG_STUBBORN="yes").until_up()
    running.process.send_signal(signal.SIGINT)
    running.wait_for("again to hurry")
    assert running.end(signal.SIGINT) == 0
    assert "beat     | does not stop and is killed" in running.output
    assert stopped_cleanly(installed)


def test_a_set_up_step_that_fails_ends_the_start_with_a_sentence(installed: Installed) -> None:
    running = installed.start(RIG_SET_UP="import sys; print('no such table'); sys.exit(3)")
    assert running.process.wait(30) == 1
    running.wait_for(r"^set-up +\| no such table")
    running.wait_for(r"set-up ended with exit code 3")
    assert "Traceback" not in running.output
    assert stopped_cleanly(installed)


def test_a_stop_in_the_middle_of_the_start_is_clean(installed: Installed) -> None:
    running = installed.start(RIG_SET_UP="import time; print('busy', flush=True); time.sleep(60)")
    running.wait_for(r"\| busy")
    assert running.end(signal.SIGTERM) == 0
    assert stopped_cleanly(installed)


def test_the_operators_own_servers_are_used_and_none_is_started(installed: Installed) -> None:
    with temporary_servers() as theirs:
        running = installed.start(**theirs.environment).until_up()
        worker = Path(f"/proc/{pid_of(installed, ' worker')}/environ").read_text()
        assert running.end(signal.SIGTERM) == 0
    assert theirs.environment["DATABASE_URL"] in worker
    assert theirs.environment["REDIS_URL"] in worker
    assert not (installed.data / "postgres").exists()
    assert "postgres |" not in running.output


def test_the_practice_clock_goes_on_where_it_stood(installed: Installed) -> None:
    readings = []
    for _ in range(2):
        running = installed.start().until_up()
        readings.append(installed.command("exec", "--", "printenv", "CLOCK_START", "CLOCK_ANCHOR").stdout)
        running.end(signal.SIGTERM)
    assert readings[0] == readings[1] != ""


def test_it_goes_on_when_nobody_reads_what_it_prints(installed: Installed) -> None:
    running = installed.start(through="head -n 1")
    assert eventually(lambda: installed.programs(" beat"), within=20)
    (supervisor,) = [pid for pid in installed.programs("tests.local.rig") if not command_of(pid).startswith("sh ")]
    os.kill(installed.programs(" beat")[0], signal.SIGKILL)
    assert eventually(lambda: installed.programs(" beat"))
    os.kill(supervisor, signal.SIGTERM)
    running.process.wait(20)
    assert eventually(lambda: stopped_cleanly(installed))
    assert "Traceback" not in running.output
