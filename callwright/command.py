"""callwright: ask a Callwright installation from a terminal or a script.

Exit codes: 0 done · 1 refused by the server, whose sentence is on standard error · 2 called or set up wrongly ·
3 no Callwright answered. Where it looks: CALLWRIGHT_URL and CALLWRIGHT_API_KEY, or url and api_key in
~/.config/callwright/config.toml.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from callwright import VERSION, configuration
from callwright.client import Client
from callwright.failures import Failure
from callwright.tables import facts, moment, plain, table

Json = dict[str, Any]


def main(words: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(words)
    try:
        with Client(configuration.read()) as client:
            said = asked.verb(client, asked)
    except Failure as failure:
        sys.stderr.write(f"callwright: {plain_lines(str(failure))}\n")
        return failure.exit_code
    except KeyboardInterrupt:
        return 130
    return _say(said)


def plain_lines(text: str) -> str:
    return "\n".join(map(plain, text.splitlines()))


def _say(text: str) -> int:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough; nothing more may be written there, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def me(client: Client, asked: argparse.Namespace) -> str:
    answer = client.get("/me")
    if asked.json:
        return as_json(answer)
    workspace, key = answer["workspace"], answer["key"]
    kind = "practice: calls reach only the sandbox" if workspace["practice"] else "live"
    return facts(
        [
            ("Workspace", plain(f"{workspace['name']} ({workspace['slug']}, {workspace['code']})")),
            ("Kind", kind),
            ("Key", plain(f"{key['name']} ({key['code']})")),
            ("Scopes", ", ".join(key["scopes"]) or "none"),
            ("Time there", moment(answer["now"])),
            ("Server", client.url),
        ]
    )


def list_events(client: Client, asked: argparse.Namespace) -> str:
    query = {"type": asked.type} if asked.type else {}
    pages = list(client.pages("/events", at_most=None if asked.all else asked.limit, query=query))
    events = [event for page in pages for event in page["items"]]
    if asked.json:
        return as_json({"items": events, "next_cursor": pages[-1]["next_cursor"]})
    if not events:
        return "No such events." if asked.type else "No events yet. Send yourself one: callwright events test"
    rows = [(moment(event["timestamp"]), event["type"], event["id"], _short(event["data"])) for event in events]
    return table(("WHEN", "TYPE", "ID", "DATA"), rows)


def request_test_event(client: Client, asked: argparse.Namespace) -> str:
    event = client.post("/events/test", {"note": asked.note})
    return as_json(event) if asked.json else f"Recorded test event {event['id']}."


def as_json(answer: Json) -> str:
    """In ASCII, so that nothing in it can command a terminal."""
    return json.dumps(answer, indent=2)


def _short(data: Json) -> str:
    text = plain(json.dumps(data, ensure_ascii=False))
    return text if len(text) <= 60 else text[:59] + "…"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="callwright", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"callwright {VERSION}")
    nouns = parser.add_subparsers(metavar="COMMAND", required=True)
    _add(nouns, "me", me, "which workspace this key belongs to, and what it may do")
    events = nouns.add_parser("events", help="what happened, as the world is told").add_subparsers(
        metavar="VERB", required=True
    )
    listing = _add(events, "list", list_events, "the newest events")
    listing.add_argument("--type", default="", help="only of this type, such as test.requested")
    listing.add_argument("--limit", type=_count, default=20, help="how many at most (usually 20)")
    listing.add_argument("--all", action="store_true", help="every event there is, however many")
    test = _add(events, "test", request_test_event, "send yourself a test event")
    test.add_argument("--note", help="words of your own, to recognise it by")
    return parser


def _add(parent: Any, name: str, verb: Any, about: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = parent.add_parser(name, help=about, description=about.capitalize() + ".")
    parser.add_argument("--json", action="store_true", help="the server's answer as JSON, for scripts")
    parser.set_defaults(verb=verb)
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("write a number above zero")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
