"""Events for programs."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Body, Path, Query, Router, Schema
from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from accounts.api.body import Text
from accounts.api.door import KeyRequest, key_door
from accounts.api.paging import PageWanted, page_of, point_to_next
from config import clock
from exports import access, actions
from exports.envelope import envelope
from exports.kinds import KINDS
from exports.models import Event

router = Router(tags=["Events"])

EXAMPLE: JsonDict = {
    "id": "8c6a2f0e-3f8e-4c55-9d0b-6f1f0a3a7e11",
    "type": "test.requested",
    "timestamp": "2026-03-03T15:30:00Z",
    "workspace": "k3j9x0a2bq",
    "practice": True,
    "data": {"note": "Hello from the CRM"},
}


class EventOut(Schema):
    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    id: UUID = Field(description="Stable: the same event is the same id, however often you meet it.")
    type: str = Field(description="What happened, as noun.participle.")
    timestamp: datetime = Field(description="When it happened, UTC.")
    workspace: str = Field(description="The workspace's code, as `GET /api/v1/me` shows it.")
    practice: bool = Field(description="True when it happened in a practice workspace: nobody was really called.")
    data: dict[str, Any] = Field(description="What there is to know; its shape depends on `type`.")


class EventsWanted(PageWanted):
    type: str = Field(
        "", max_length=60, pattern=r"^[a-z_.]*$", description="Only events of this `type`.", examples=sorted(KINDS)
    )


class EventsOut(Schema):
    items: list[EventOut]
    next_cursor: str | None = Field(
        description="Send it as `cursor` for the next page; null on the last one.", examples=["k1:gAAAAABp…"]
    )


class TestEventIn(Schema):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"note": "Hello from the CRM"}]})

    note: Annotated[Text, Field(max_length=500)] | None = Field(
        None, description="Words of your own, to recognise the event by."
    )


NOTHING_ASKED = TestEventIn(note=None)


@router.get("/events", response=EventsOut, operation_id="list_events", summary="List events")
@key_door("events:read")
def list_events(request: KeyRequest, response: HttpResponse, wanted: Query[EventsWanted]) -> EventsOut:
    """Answer what has happened, newest first. Events that appear meanwhile do not disturb the pages that follow."""
    events = access.access_events().filter(**({"kind": wanted.type} if wanted.type else {}))
    page = page_of(events, name=f"events {wanted.type}", limit=wanted.limit, cursor=wanted.cursor)
    point_to_next(request, response, page.next_cursor)
    return EventsOut(items=[_out(event, request) for event in page.items], next_cursor=page.next_cursor)


@router.get("/events/{uuid:code}", response=EventOut, operation_id="get_event", summary="Open one event")
@key_door("events:read")
def get_event(request: KeyRequest, code: Annotated[UUID, Path(description="The event's `id`.")]) -> EventOut:
    """Answer one event by its `id`."""
    return _out(access.access_event(code), request)


@router.post(
    "/events/test", response={201: EventOut}, operation_id="request_test_event", summary="Send yourself a test event"
)
@key_door("events:write")
def request_test_event(request: KeyRequest, asked: Annotated[TestEventIn, Body()] = NOTHING_ASKED) -> EventOut:
    """Record an event of type `test.requested`, which then goes the way of all events. It changes nothing else."""
    event = actions.request_test_event(note=asked.note, now=clock.now(), api_key=request.api_key)
    return _out(event, request)


def _out(event: Event, request: KeyRequest) -> EventOut:
    return EventOut.model_validate(envelope(event, workspace=request.workspace))
