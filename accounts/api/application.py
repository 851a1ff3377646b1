"""The API as a whole: what every operation has in common, said once, and how it describes itself."""

from collections.abc import Iterator
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from accounts.api import problems
from accounts.api.body import JsonParser
from accounts.api.door import ApiDoor
from accounts.doors import Door

Json = dict[str, Any]
SECURITY = "ApiKey"
PUBLIC = ("openapi-json", "api-root")  # the description, and the prefix itself, where there is nothing

PROBLEM_SCHEMA: Json = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, and what to do (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Which problem: stable, and the address of its explanation."},
        "title": {"type": "string", "description": "The problem in a few words, the same for every occurrence."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "A sentence that says what to do."},
        "errors": {
            "type": "array",
            "description": "What exactly does not fit; only with validation problems.",
            "items": {
                "type": "object",
                "required": ["in", "pointer", "detail"],
                "properties": {
                    "in": {"type": "string", "enum": ["body", "query", "path", "header"]},
                    "pointer": {"type": "string", "description": "A JSON pointer, such as `#/note`."},
                    "detail": {"type": "string"},
                },
            },
        },
        "trace_id": {"type": "string", "description": "Names this request in the installation's logs."},
    },
}
IDEMPOTENCY_HEADER: Json = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": (
        "A text of your own, new for each new request: repeat it with the same request, and the deed is done once."
        " Kept for 24 hours."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "order-1042-attempt-1",
}
RATE_HEADERS: Json = {
    "RateLimit-Limit": {"description": "Requests a minute this key may make.", "schema": {"type": "integer"}},
    "RateLimit-Remaining": {"description": "Requests left at this moment.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {"description": "Seconds until all of them are back.", "schema": {"type": "integer"}},
}


class Api(NinjaAPI):
    def __init__(self, **options: Any) -> None:
        super().__init__(parser=JsonParser(), docs_url=None, **options)

    def on_exception(self, _request: HttpRequest, exc: Exception | type[Exception]) -> NoReturn:
        """Answer nothing from inside: the door must see the exception, so that it undoes the transaction."""
        raise exc

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        """Mark every view with its door, and refuse to start with an operation that has none."""
        patterns = super()._get_urls()
        for operation in self._operations():
            _door_of(operation)
        for pattern in patterns:
            assert isinstance(pattern, URLPattern)
            kind = "public" if pattern.name in PUBLIC else "api"
            pattern.callback.door = Door(kind)  # type: ignore[attr-defined]
        return patterns

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**options)
        components = schema["components"]
        components["schemas"]["Problem"] = PROBLEM_SCHEMA
        components["securitySchemes"] = {SECURITY: _security_scheme()}
        scopes = {operation.operation_id: _door_of(operation).scope for operation in self._operations()}
        for path in schema["paths"].values():
            for method, operation in path.items():
                _complete(operation, is_post=method == "post", scope=scopes[operation["operationId"]])
        return schema

    def _operations(self) -> Iterator[Operation]:
        for bound in self._get_bound_routers():
            for view in bound.path_operations.values():
                yield from view.operations


def _door_of(operation: Operation) -> ApiDoor:
    door = getattr(operation.view_func, "door", None)
    if not isinstance(door, ApiDoor):
        raise ImproperlyConfigured(f"{operation.view_func.__name__} stands behind no key_door.")
    return door


def _security_scheme() -> Json:
    return {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "cw_practice_… or cw_live_…",
        "description": "A key made under Settings, API keys. It is shown once; keep it like a password.",
    }


def _complete(operation: Json, *, is_post: bool, scope: str | None) -> None:
    operation["security"] = [{SECURITY: [scope] if scope else []}]
    for parameter in operation["parameters"]:
        parameter.pop("examples", None)  # a list, where OpenAPI wants a map; the schema holds it too
    if is_post:
        operation["parameters"].append(IDEMPOTENCY_HEADER)
    for response in operation["responses"].values():
        response["headers"] = RATE_HEADERS | response.get("headers", {})
    for status, kinds in _refusals(operation, is_post=is_post).items():
        operation["responses"][str(status)] = _problem_response(status, kinds)


def _refusals(operation: Json, *, is_post: bool) -> dict[int, list[problems.Kind]]:
    takes_input = bool(operation["parameters"]) or "requestBody" in operation
    in_path = any(parameter["in"] == "path" for parameter in operation["parameters"])
    paged = any(parameter["name"] == "cursor" for parameter in operation["parameters"])
    kinds = {
        problems.BAD_REQUEST: takes_input,
        problems.BAD_CURSOR: paged,
        problems.NOT_FOUND: in_path,
        problems.TOO_LARGE: is_post,
        problems.NOT_JSON: is_post,
        problems.INVALID: takes_input,
        problems.KEY_REUSED: is_post,
        problems.NOT_ALLOWED: False,
    }
    by_status: dict[int, list[problems.Kind]] = {}
    for kind in problems.KINDS:
        if kinds.get(kind, True):
            by_status.setdefault(kind.status, []).append(kind)
    return by_status


def _problem_response(status: int, kinds: list[problems.Kind]) -> Json:
    examples = {
        kind.name: {
            "value": {
                "type": problems.EXPLAINED_AT + kind.name,
                "title": kind.title,
                "status": status,
                "detail": kind.cure,
            }
        }
        for kind in kinds
    }
    return {
        "description": "; ".join(kind.title for kind in kinds),
        "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}},
    }
