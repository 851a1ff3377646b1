"""The API over HTTP: every wait has a deadline, and what may be repeated safely is."""

import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

from callwright import VERSION
from callwright.configuration import Configuration
from callwright.failures import Refused, Unreachable

Json = dict[str, Any]
TRIES = 4
FIRST_PAUSE = 0.25  # seconds; doubles with each try
LONGEST_PAUSE = 10.0  # a server that asks for more than this is not waited for
LONGEST_PAGE = 200
DEADLINES = httpx.Timeout(30, connect=5)


class Client:
    def __init__(self, configuration: Configuration) -> None:
        self.url = configuration.url
        self.http = httpx.Client(
            base_url=f"{configuration.url}/api/v1",
            headers={"Authorization": f"Bearer {configuration.api_key}", "User-Agent": f"callwright/{VERSION}"},
            timeout=DEADLINES,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.http.close()

    def get(self, path: str, **query: str | int) -> Json:
        return self._ask("GET", path, params=query)

    def post(self, path: str, body: Json) -> Json:
        """One deed, however many tries it takes: each carries the same idempotency key."""
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())})

    def pages(self, path: str, *, at_most: int | None, query: Mapping[str, str]) -> Iterator[Json]:
        """One page after the other, until there are `at_most` items, or no more."""
        cursor, wanted = "", at_most
        while wanted is None or wanted > 0:
            limit = min(LONGEST_PAGE, wanted or LONGEST_PAGE)
            page = self.get(path, **query, limit=limit, **({"cursor": cursor} if cursor else {}))
            yield page
            wanted = None if wanted is None else wanted - len(page["items"])
            cursor = page["next_cursor"]
            if not cursor:
                return

    def _ask(self, method: str, path: str, **options: Any) -> Json:
        response = self._send(method, path, options)
        if response.is_success:
            return self._read(response)
        raise Refused(self._sentence(response))

    def _send(self, method: str, path: str, options: Json) -> httpx.Response:
        pause = FIRST_PAUSE
        for last in [False] * (TRIES - 1) + [True]:
            try:
                response = self.http.request(method, path, **options)
            except httpx.TransportError as problem:
                if last:
                    raise Unreachable(self._unreachable(problem)) from None
            except httpx.InvalidURL as problem:
                raise Unreachable(f"{self.url} is not an address: {problem}.") from None
            else:
                asked = _patience_asked(response)
                if last or asked is None or asked > LONGEST_PAUSE:
                    return response
                pause = max(pause, asked)
            time.sleep(pause)
            pause *= 2
        raise AssertionError("the last try returns or raises")

    def _unreachable(self, problem: httpx.TransportError) -> str:
        why = "did not answer in time" if isinstance(problem, httpx.TimeoutException) else "cannot be reached"
        return f"{self.url} {why}. Is Callwright running there? CALLWRIGHT_URL says where to look."

    def _read(self, response: httpx.Response) -> Json:
        answer = _json(response)
        if answer is None:
            raise Unreachable(f"What answers at {self.url} is not Callwright. CALLWRIGHT_URL says where to look.")
        return answer

    def _sentence(self, response: httpx.Response) -> str:
        problem = self._read(response)
        sentences = [
            str(problem.get("detail") or problem.get("title") or f"The server answered {response.status_code}.")
        ]
        sentences += [
            f"{error['pointer'].removeprefix('#/') or error['in']}: {error['detail']}"
            for error in problem.get("errors", [])
        ]
        if response.status_code >= 500 and "trace_id" in problem:
            sentences.append(f"Its trace id is {problem['trace_id']}.")
        return "\n".join(sentences)


def _patience_asked(response: httpx.Response) -> float | None:
    """Seconds to wait before asking again, where asking again is what the server wants."""
    if response.status_code not in (429, 502, 503, 504):
        return None
    asked = response.headers.get("Retry-After", "")
    return float(asked) if asked.isdecimal() else 0.0


def _json(response: httpx.Response) -> Json | None:
    try:
        answer = response.json()
    except ValueError:
        return None
    return answer if isinstance(answer, dict) else None
