"""Long lists a page at a time, newest first. A page starts where the last one ended, whatever is added meanwhile."""

import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Schema
from pydantic import Field

from accounts import sealing
from accounts.api.problems import BAD_CURSOR, Problem
from accounts.tenancy import current_workspace_id

Row = TypeVar("Row", bound=Model)
LONGEST, USUAL = 200, 50


class PageWanted(Schema):
    """The two parameters of every list."""

    limit: int = Field(USUAL, ge=1, le=LONGEST, description="How many to answer at most.")
    cursor: str = Field("", max_length=1000, description="`next_cursor` of the page before; none for the first.")


@dataclass(frozen=True)
class Page(Generic[Row]):
    items: list[Row]
    next_cursor: str | None


def page_of(rows: QuerySet[Row], *, name: str, limit: int, cursor: str) -> Page[Row]:
    """`name` says which list this is, filters included: a cursor of another list, or another workspace, is refused."""
    if cursor:
        rows = rows.filter(pk__lt=_position(cursor, name=name))
    found = list(rows.order_by("-pk")[: limit + 1])
    more = len(found) > limit
    return Page(found[:limit], _cursor(found[limit - 1].pk, name=name) if more else None)


def point_to_next(request: HttpRequest, response: HttpResponse, next_cursor: str | None) -> None:
    if next_cursor:
        query = request.GET.copy()
        query["cursor"] = next_cursor
        response["Link"] = f'<{request.path}?{query.urlencode()}>; rel="next"'


def _cursor(position: int, *, name: str) -> str:
    # Sealed rather than signed: the bare position would tell how many rows all workspaces have together.
    return sealing.seal(json.dumps([current_workspace_id(), name, position]))


def _position(cursor: str, *, name: str) -> int:
    refused = Problem(BAD_CURSOR, "This cursor is not one of this list's. Start again without it.")
    try:
        workspace_id, of, position = json.loads(sealing.unseal(cursor))
    except (sealing.CannotUnseal, ValueError):
        raise refused from None
    if [workspace_id, of] != [current_workspace_id(), name]:
        raise refused
    return int(position)
