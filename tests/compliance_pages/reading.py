"""How these tests open a page of Harbor, and read it as a person would: words, without the marks between them."""

import html
import re
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User

ClientOf = Callable[[User], Client]


def url(name: str, *, query: dict[str, object] | None = None, **parts: object) -> str:
    return reverse(name, kwargs={"slug": "harbor", **parts}, query=query)


def shown(response: Any, *, status: int = 200) -> str:
    assert response.status_code == status, response.content.decode()
    main = response.content.decode().partition('<main id="content"')[2].partition("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split()).replace(" .", ".").replace(" ,", ",")


def asked(client: Client, number: str = "+1 212 555 0123", **fields: object) -> Any:
    said = {"number": number, "purpose": "marketing", "clock": "America/New_York", "state": "NY", "zip": "10001"}
    return client.post(url("may_i_call"), {**said, **fields})
