"""What a client may send: JSON of a bearable size, in letters the database can keep."""

import json
import re
from collections.abc import Iterator
from typing import Annotated, Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.request import UnreadablePostError
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser
from pydantic import Field

from accounts.api.problems import BAD_REQUEST, NOT_JSON, TOO_LARGE, Problem

# Postgres keeps neither NUL nor half of a surrogate pair; JSON can spell both.
Text = Annotated[str, Field(pattern=r"^[^\u0000]*$")]  # so that the API's description says it too
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")


class JsonParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return request.parsed  # type: ignore[attr-defined]  # the door has read it already: `read` below

    def parse_querydict(
        self, data: MultiValueDict[str, str], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        values: dict[str, Any] = super().parse_querydict(data, list_fields, request)
        for name in [name for name, value in values.items() if _unkeepable(value)]:
            raise Problem(BAD_REQUEST, f"The query parameter {name!a} holds a character that no text may hold.")
        return values


def read(request: HttpRequest) -> Any:
    """The request's JSON, or None where it has no body."""
    body = _body(request)
    if not body:
        return None
    if request.content_type != "application/json":
        raise Problem(NOT_JSON, "Send JSON, with the header Content-Type: application/json.")
    try:
        parsed = json.loads(body, parse_constant=_refuse_constant)
        unkeepable = _unkeepable(parsed)
    except json.JSONDecodeError as wrong:
        raise Problem(
            BAD_REQUEST, f"The body is not JSON: {wrong.msg} at line {wrong.lineno}, column {wrong.colno}."
        ) from None
    except (ValueError, RecursionError):
        raise Problem(BAD_REQUEST, "The body is not JSON that can be read here: check encoding and depth.") from None
    if unkeepable:
        raise Problem(BAD_REQUEST, "The body holds a character that no text may: NUL, or half of a surrogate pair.")
    return parsed


def _body(request: HttpRequest) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        raise Problem(TOO_LARGE, "The body is larger than this installation takes. Send less at once.") from None
    except UnreadablePostError:
        raise Problem(BAD_REQUEST, "The body ended too early. Send it again.") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unkeepable(value: Any) -> bool:
    return any(_UNKEEPABLE.search(text) for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _texts(item)
