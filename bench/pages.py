"""Server time of the pages an operator opens, in a workspace that has been busy for years."""

import statistics
import time

from bench.ground import product, report, say

ENTRIES, COLLEAGUES, ROUNDS, GOAL_MS = 100_000, 50, 60, 150
PAGES = {
    "home": "",
    "people": "people/",
    "api_keys": "api-keys/",
    "audit_log": "audit-log/",
    "audit_log_deep": "audit-log/?before=50000",
    "events": "events/",
}


def main() -> None:
    with product():
        path = _busy_workspace()
        from django.test import Client  # noqa: PLC0415 - after the settings are known

        from accounts.models import User  # noqa: PLC0415 - likewise

        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(User.objects.order_by("pk")[0])
        for name, page in PAGES.items():
            p95 = _p95_ms(lambda page=page: client.get(path + page))
            conditions = f"{ENTRIES:,} audit entries and events, in process"
            report(f"pages.{name}_p95", p95, "ms", goal=GOAL_MS, ok=p95 < GOAL_MS, conditions=conditions)


def _p95_ms(open_page: object) -> float:
    assert callable(open_page)
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        response = open_page()
        times.append((time.perf_counter() - began) * 1000)
        assert response.status_code == 200, response.status_code
    return statistics.quantiles(times, n=20)[-1]


def _busy_workspace() -> str:
    from accounts.models import AuditEntry, Membership, User, Workspace  # noqa: PLC0415 - after the settings are known
    from accounts.roles import Role  # noqa: PLC0415
    from accounts.tenancy import in_workspace  # noqa: PLC0415
    from config import clock  # noqa: PLC0415
    from exports.models import Event  # noqa: PLC0415

    say(f"writing {ENTRIES:,} audit entries and events …")
    now = clock.now()
    harbor = Workspace.objects.create(name="Harbor Dental", slug="harbor", kind="PRACTICE", created_at=now)
    with in_workspace(harbor.pk):
        for number in range(COLLEAGUES):
            email = f"person{number}@example.com"
            person = User.objects.create_user(email=email, name=f"Person {number}", password=None, joined_at=now)
            role = Role.OPERATOR if number else Role.OWNER
            Membership.objects.create(workspace=harbor, user=person, role=role, joined_at=now)
        AuditEntry.objects.bulk_create(
            (
                AuditEntry(workspace=harbor, at=now, user=person, verb="member.invited", subject=f"line {number}")
                for number in range(ENTRIES)
            ),
            batch_size=5_000,
        )
        Event.objects.bulk_create(
            (
                Event(workspace=harbor, kind="test.requested", occurred_at=now, payload={"note": str(number)})
                for number in range(ENTRIES)
            ),
            batch_size=5_000,
        )
    return f"/w/{harbor.slug}/"


if __name__ == "__main__":
    main()
