"""The API's reference page, written from the API's own description of itself."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.api import problems
from accounts.api.application import SECURITY, Api
from accounts.doors import public
from accounts.scopes import SCOPES
from exports.kinds import KINDS

Json = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    name: str
    where: str
    kind: str
    description: str
    required: bool
    default: str


@dataclass(frozen=True)
class Operation:
    code: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    parameters: list[Parameter]
    curl: str
    answer: str
    answer_label: str
    problems: list[problems.Kind]


def page_for(api: Api) -> Callable[..., HttpResponseBase]:
    @public
    def api_reference(request: HttpRequest) -> HttpResponse:
        schema = api.get_openapi_schema()
        context = {
            "groups": _grouped(schema),
            "problems": problems.KINDS,
            "scopes": SCOPES,
            "kinds": KINDS,
            "address": settings.PUBLIC_URL,
            "first_call": _curl("GET", "/api/v1/me", None),
        }
        return render(request, "api/reference.html", context)

    return api_reference


def _grouped(schema: Json) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method, details in methods.items():
            operation = _operation(schema, method.upper(), path, details)
            groups.setdefault(details["tags"][0], []).append(operation)
    return groups


def _operation(schema: Json, method: str, path: str, details: Json) -> Operation:
    status, answer = next((code, reply) for code, reply in details["responses"].items() if str(code) < "300")
    body = details.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    sent = example(body, schema) if body else None
    return Operation(
        code=details["operationId"],
        method=method,
        path=path,
        summary=details["summary"],
        description=_marked(details["description"]),
        scope=next(iter(details["security"][0][SECURITY]), ""),
        parameters=[*_parameters(details), *(_fields(schema, body) if body else [])],
        curl=_curl(method, _with_examples(path), sent),
        answer_label=f"Answer, {status}",
        answer=_pretty(example(answer["content"]["application/json"]["schema"], schema)),
        problems=_problems(details),
    )


def _problems(details: Json) -> list[problems.Kind]:
    named = {
        name
        for reply in details["responses"].values()
        for name in reply.get("content", {}).get(problems.MEDIA_TYPE, {}).get("examples", {})
    }
    return [kind for kind in problems.KINDS if kind.name in named]


def _parameters(details: Json) -> Iterator[Parameter]:
    for parameter in details["parameters"]:
        shape = parameter["schema"]
        yield _parameter(parameter["name"], parameter["in"], _kind(shape), {**shape, **parameter})


def _fields(schema: Json, body: Json) -> Iterator[Parameter]:
    model = _model(schema, body)
    for name, field in model["properties"].items():
        yield _parameter(name, "body", _kind(field), {**field, "required": name in model.get("required", [])})


def _parameter(name: str, where: str, kind: str, described: Json) -> Parameter:
    return Parameter(
        name=name,
        where=where,
        kind=kind,
        description=_marked(described.get("description", "")),
        required=bool(described.get("required")),
        default=str(described.get("default", "")),
    )


def _kind(shape: Json) -> str:
    if "anyOf" in shape:
        return " or ".join(_kind(part) for part in shape["anyOf"])
    kind = str(shape.get("format") or shape.get("type", "object"))
    bounds = (("minimum", "from"), ("maximum", "to"), ("maxLength", "up to"))
    return " ".join([kind, *(f"{word} {shape[key]}" for key, word in bounds if key in shape)])


def _model(schema: Json, shape: Json) -> Json:
    """What the shape refers to, past references and past "or nothing"."""
    if "$ref" in shape:
        return _model(schema, schema["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]])
    if "allOf" in shape:
        return _model(schema, shape["allOf"][0])
    if "anyOf" in shape:
        return _model(schema, next(part for part in shape["anyOf"] if part.get("type") != "null"))
    return shape


def example(shape: Json, schema: Json) -> Any:
    """A value of this shape: the example it gives, or one put together from its parts."""
    given, shape = shape.get("examples"), _model(schema, shape)
    if examples := given or shape.get("examples"):
        return _in_order(examples[0], shape)
    if shape.get("enum"):
        return shape["enum"][0]
    if shape.get("type") == "object":
        return {name: example(part, schema) for name, part in shape.get("properties", {}).items()}
    if shape.get("type") == "array":
        return [example(shape["items"], schema)]
    by_format = {"date-time": "2026-03-03T15:30:00Z", "uuid": "8c6a2f0e-3f8e-4c55-9d0b-6f1f0a3a7e11"}
    return by_format.get(shape.get("format", ""), {"integer": 1, "boolean": True}.get(shape.get("type", ""), "…"))


def _in_order(value: Any, shape: Json) -> Any:
    """The description sorts its examples by name; people read them in the order of the fields."""
    if not isinstance(value, dict):
        return value
    return {name: value[name] for name in [*shape.get("properties", {}), *value] if name in value}


def _with_examples(path: str) -> str:
    return path.replace("{code}", "8c6a2f0e-3f8e-4c55-9d0b-6f1f0a3a7e11")


def _curl(method: str, path: str, sent: Any) -> str:
    lines = [f"curl {settings.PUBLIC_URL}{path}", '  --header "Authorization: Bearer $CALLWRIGHT_API_KEY"']
    if method == "POST":
        lines += ['  --header "Idempotency-Key: $(uuidgen)"', "  --header 'Content-Type: application/json'"]
        lines += [f"  --data '{json.dumps(sent)}'"]
    return " \\\n".join(lines)


def _marked(text: str) -> SafeString:
    """What stands between backticks is code."""
    parts = enumerate(text.split("`"))
    return format_html_join("", "{}", ((format_html("<code>{}</code>", part) if n % 2 else part,) for n, part in parts))


def _pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
