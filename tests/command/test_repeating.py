"""Networks lose answers. The command asks again, and one deed stays one."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx

from accounts.models import Workspace
from accounts.tenancy import in_workspace
from exports.models import Event
from tests.command.conftest import Said

Command = Callable[..., Said]
Turn = Callable[[httpx.Request], httpx.Response | None]


@contextmanager
def server_that(*turns: Turn) -> Iterator[str]:
    """A server that answers each request by the next turn; None is an answer that gets lost."""
    left = iter(turns)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked = httpx.Request(self.command, f"http://there{self.path}", headers=dict(self.headers), content=body)
            answer = next(left)(asked)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status_code)
            for name in ("Retry-After", "Content-Type"):
                self.send_header(name, answer.headers.get(name, ""))
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST  # noqa: N815 - the name the standard library calls

        def log_message(self, *words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def on_to(site: str) -> Turn:
    def forward(asked: httpx.Request) -> httpx.Response:
        headers = {name: asked.headers[name] for name in ("Authorization", "Idempotency-Key", "Content-Type")}
        return httpx.post(f"{site}{asked.url.path}", content=asked.content, headers=headers)

    return forward


def test_an_answer_lost_on_the_way_is_asked_for_again_and_the_deed_done_once(
    run: Command, site: str, harbor_key: str, harbor: Workspace
) -> None:
    def lose(asked: httpx.Request) -> None:
        assert on_to(site)(asked)

    with server_that(lose, lose, on_to(site)) as way:
        said = run("events", "test", "--note", "Hello", CALLWRIGHT_URL=way, CALLWRIGHT_API_KEY=harbor_key)
    assert (said.returncode, said.stderr) == (0, "")
    with in_workspace(harbor.pk):
        assert str(Event.objects.get().code) in said.stdout


def test_a_server_that_asks_for_patience_gets_it(run: Command) -> None:
    def busy(_: httpx.Request) -> httpx.Response:
        return httpx.Response(503, headers={"Retry-After": "1"}, json={"detail": "Busy."})

    def fine(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"items": [], "next_cursor": None})

    with server_that(busy, fine) as url:
        said = run("events", "list", CALLWRIGHT_URL=url, CALLWRIGHT_API_KEY="cw_x")
    assert (said.returncode, said.stderr) == (0, "")


def test_a_server_that_asks_for_too_much_patience_is_quoted_at_once(run: Command) -> None:
    def not_for_an_hour(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"Retry-After": "3600"}, json={"detail": "Wait 3600 s, then go on."})

    with server_that(not_for_an_hour) as url:
        said = run("events", "list", CALLWRIGHT_URL=url, CALLWRIGHT_API_KEY="cw_x")
    assert (said.returncode, said.stderr) == (1, "callwright: Wait 3600 s, then go on.\n")
