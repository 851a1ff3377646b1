"""What a program sends in confidence shows nowhere: not in a log line, not in an answer, not in Redis."""

import logging

import pytest
from django.conf import settings
from redis import Redis

from exports import actions
from tests.api.conftest import Program


def test_keys_and_bodies_are_in_no_log_and_no_answer(
    crm: Program, harbor_key: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, note = harbor_key.rsplit("_", 1)[1], "call Nora on +1 212 555 0142"
    answers = []

    def crash(**_: object) -> None:
        raise RuntimeError("broken")

    with caplog.at_level(logging.DEBUG):
        answers += [crm.get("/me"), crm.get("/nothing"), crm.get("/events", cursor=secret)]
        answers += [crm.post("/events/test", {"colour": note}), crm.post("/events/test", '{"note": ')]
        answers += [Program(harbor_key + "x").get("/me"), Program(f"x{harbor_key}").get("/me")]
        crm.post("/events/test", {"note": note}, key="order-1")
        monkeypatch.setattr(actions, "request_test_event", crash)
        answers.append(crm.post("/events/test", {"note": note}))
    logged = "\n".join(
        f"{line.getMessage()} {line.exc_text or ''} {line.__dict__.get('extra', '')}" for line in caplog.records
    )
    redis = Redis.from_url(settings.REDIS_URL)
    kept = b" ".join(redis.dump(key) or b"" for key in redis.scan_iter("*"))
    said = b" ".join(answer.content + str(answer.headers).encode() for answer in answers)
    for text in (secret, "555 0142"):
        assert text not in logged
        assert text.encode() not in kept + said
