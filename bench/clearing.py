"""Clearing with everything written, beside a hundred thousand clearances; and how fast the ledger is read again."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from tempfile import TemporaryDirectory
from typing import Any

from bench.ground import product, report, say

EXISTING, BATCH, ROUNDS, WORKERS = 100_000, 100, 40, 2
GOAL_CLEARED, GOAL_VERIFIED = 500, 100_000


def main() -> None:
    with TemporaryDirectory() as folder, product():
        from django.conf import settings  # noqa: PLC0415 - after they are known

        settings.LEDGER_HEADS = f"{folder}/heads.jsonl"
        ground = Ground()
        ground.fill()
        ground.clear_granted()
        ground.clear_in_parallel()
        ground.clear_refused()
        ground.seal_and_verify()
        ground.replay()


class Ground:
    """One workspace, as busy as a long year: sellers, lists, consents, and clearances of the last month."""

    def __init__(self) -> None:
        from datetime import UTC, datetime  # noqa: PLC0415 - with the rest, after the settings are known

        from accounts.models import Membership, User, Workspace  # noqa: PLC0415 - likewise
        from accounts.tenancy import in_workspace  # noqa: PLC0415
        from compliance import actions  # noqa: PLC0415

        self.now = datetime(2026, 3, 3, 15, 30, tzinfo=UTC)
        self.next_person = 0
        self.workspace = Workspace.objects.create(name="Harbor", slug="harbor", kind="PRACTICE", created_at=self.now)
        owner = User.objects.create_user(email="o@example.com", name="Olive", password=None, joined_at=self.now)
        with in_workspace(self.workspace.pk):
            Membership.objects.create(workspace=self.workspace, user=owner, role="OWNER", joined_at=self.now)
            self.seller = actions.add_seller(name="Harbor", callback_number="+12125550100", by=owner, now=self.now)
            actions.attest(self.seller, jurisdiction="NY", reference="Registration 17", by=owner, now=self.now)

    def fill(self) -> None:
        from accounts.tenancy import in_workspace  # noqa: PLC0415 - after the settings are known

        say(f"writing consents, answers and {EXISTING:,} clearances …")
        numbers = [self.number(at) for at in range(EXISTING + 3 * BATCH * ROUNDS * WORKERS)]
        with in_workspace(self.workspace.pk):
            self.consent(numbers)
            self.suppress_others()
            self.load_lists(numbers)
        began = time.perf_counter()
        for _ in range(EXISTING // BATCH):
            self.clear(self.batch(), now=self.now - timedelta(days=5))
        say(f"… cleared {EXISTING / (time.perf_counter() - began):,.0f} a second meanwhile")
        self.analyze()

    def consent(self, numbers: list[str]) -> None:
        from compliance.models import Consent  # noqa: PLC0415 - after the settings are known

        parts = ("signed", "names_seller", "says_not_a_condition", "says_artificial_voice", "complete")
        given: dict[str, Any] = {"workspace": self.workspace, "seller": self.seller, "entry": "GIVEN", "kind": "PEWC"}
        given |= {"origin": "FORM", "at": self.now - timedelta(days=20), "recorded_at": self.now}
        given |= dict.fromkeys(parts, True)
        Consent.objects.bulk_create((Consent(number=number, **given) for number in numbers), batch_size=5_000)

    def suppress_others(self) -> None:
        from compliance.models import Suppression  # noqa: PLC0415 - after the settings are known

        said: dict[str, Any] = {"workspace": self.workspace, "covers": "NUMBER", "how": "IMPORT"}
        said |= {"requested_at": self.now, "effective_at": self.now}
        others = (Suppression(number=f"+1305{at:07}", **said) for at in range(EXISTING))
        Suppression.objects.bulk_create(others, batch_size=5_000)

    def load_lists(self, numbers: list[str]) -> None:
        from compliance.models import (  # noqa: PLC0415 - after the settings are known
            ReassignedResult,
            Registry,
            RegistryBlock,
            RegistrySnapshot,
        )

        loaded: dict[str, Any] = {"workspace": self.workspace, "source": "bench", "file_hash": "0" * 64}
        loaded |= {"as_of": self.now.date(), "announced_at": self.now, "loaded_at": self.now}
        national = Registry.objects.create(workspace=self.workspace, kind="NATIONAL")
        national.current = RegistrySnapshot.objects.create(
            registry=national, state="CURRENT", content="FULL", coverage=b"\xff" * 125, **loaded
        )
        national.save()
        RegistryBlock.objects.bulk_create(
            RegistryBlock(workspace=self.workspace, snapshot=national.current, prefix=212_200 + at, bits=bytes(1250))
            for at in range(100)
        )
        asked = Registry.objects.create(workspace=self.workspace, kind="REASSIGNED")
        results = RegistrySnapshot.objects.create(registry=asked, state="ADDED", content="RESULTS", **loaded)
        said: dict[str, Any] = {"workspace": self.workspace, "snapshot": results, "result": "NO"}
        said |= {"date_asked": (self.now - timedelta(days=400)).date(), "queried_at": self.now - timedelta(days=6)}
        ReassignedResult.objects.bulk_create(
            (ReassignedResult(number=number, **said) for number in numbers), batch_size=5_000
        )

    def analyze(self) -> None:
        from django.db import connection  # noqa: PLC0415 - after the settings are known

        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def number(self, at: int) -> str:
        return f"+1212{2_000_000 + at:07}"

    def batch(self) -> list[Any]:
        from compliance.candidates import Candidate  # noqa: PLC0415 - after the settings are known
        from compliance.facts import Address  # noqa: PLC0415

        first, self.next_person = self.next_person, self.next_person + BATCH
        return [
            Candidate(
                number=self.number(at),
                person_key=f"person {at}",
                campaign_key="spring",
                seller_id=self.seller.pk,
                purpose="marketing",
                address=Address(state="NY", zip="10001"),
                script_complete=True,
            )
            for at in range(first, first + BATCH)
        ]

    def clear(self, batch: list[Any], *, now: Any = None) -> list[Any]:
        from accounts.tenancy import in_workspace  # noqa: PLC0415 - after the settings are known
        from compliance.clearing import clear  # noqa: PLC0415

        with in_workspace(self.workspace.pk):
            return clear(batch, now=now or self.now)

    def clear_granted(self) -> None:
        batches = [self.batch() for _ in range(ROUNDS)]
        answers: list[Any] = []
        value = per_second(lambda: answers.extend(self.clear(batches.pop())), times=ROUNDS) * BATCH
        granted = sum(answer.granted for answer in answers)
        assert granted == BATCH * ROUNDS, {code for answer in answers for code in answer.codes}
        self.say_cleared("compliance.cleared_per_second", value, "one process, all granted")

    def clear_in_parallel(self) -> None:
        from django.db import connection  # noqa: PLC0415 - after the settings are known

        batches = [self.batch() for _ in range(ROUNDS * WORKERS)]

        def work(_: int) -> None:
            for _ in range(ROUNDS):
                self.clear(batches.pop())
            connection.close()

        began = time.perf_counter()
        with ThreadPoolExecutor(WORKERS) as pool:
            list(pool.map(work, range(WORKERS)))
        value = BATCH * ROUNDS * WORKERS / (time.perf_counter() - began)
        self.say_cleared("compliance.cleared_per_second_by_two", value, "two threads of one process, all granted")

    def clear_refused(self) -> None:
        """The same people over and over at a closed hour: nothing but counts may grow."""
        batch = self.batch()
        night = self.now.replace(hour=8)
        self.clear(batch, now=night)
        value = per_second(lambda: self.clear(batch, now=night), times=ROUNDS) * BATCH
        self.say_cleared("compliance.refused_again_per_second", value, "one process, the same refusals")

    def say_cleared(self, name: str, value: float, how: str) -> None:
        conditions = f"batches of {BATCH}, {EXISTING:,} clearances before, {how}"
        report(name, value, "1/s", goal=GOAL_CLEARED, ok=value >= GOAL_CLEARED, conditions=conditions)

    def seal_and_verify(self) -> None:
        from compliance import ledger  # noqa: PLC0415 - after the settings are known

        began = time.perf_counter()
        rows = ledger.seal(workspace=self.workspace, now=self.now)
        sealed = rows / (time.perf_counter() - began)
        self.analyze()
        value = 0.0
        for _ in range(3):  # the first reading also brings the rows into memory
            began = time.perf_counter()
            verified = ledger.verify(self.workspace)
            value = max(value, verified.rows / (time.perf_counter() - began))
            assert verified.intact, verified.fault
        conditions = f"{rows:,} rows in {verified.seals} seals, one process, best of three"
        report("compliance.sealed_per_second", sealed, "1/s", goal=20_000, ok=sealed >= 20_000, conditions=conditions)
        ok = value >= GOAL_VERIFIED
        report("compliance.verified_per_second", value, "1/s", goal=GOAL_VERIFIED, ok=ok, conditions=conditions)

    def replay(self) -> None:
        from accounts.tenancy import in_workspace  # noqa: PLC0415 - after the settings are known
        from compliance import replay, rulebook  # noqa: PLC0415

        began = time.perf_counter()
        with in_workspace(self.workspace.pk):
            found = replay.replay(first=self.now - timedelta(days=5), last=self.now, under=rulebook.load())
        value = found.judged / (time.perf_counter() - began)
        assert found.none
        conditions = f"{found.judged:,} clearances judged again, one process"
        report("compliance.replayed_per_second", value, "1/s", goal=2_000, ok=value >= 2_000, conditions=conditions)


def per_second(work: Callable[[], object], *, times: int) -> float:
    began = time.perf_counter()
    for _ in range(times):
        work()
    return times / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
