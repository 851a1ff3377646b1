from typing import Any

from django.db import connection

from compliance.inside import workspace_here


def row(sql: str, **values: Any) -> tuple[Any, ...]:
    found = row_or_none(sql, **values)
    assert found is not None
    return found


def row_or_none(sql: str, **values: Any) -> tuple[Any, ...] | None:
    """The first row a question about this workspace brings."""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"workspace": workspace_here(), **values})
        found: tuple[Any, ...] | None = cursor.fetchone()
    return found
