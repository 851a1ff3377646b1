"""Requests nobody thought of, made from the API's own description: nothing crashes, nothing strays from the schema.

The description's operations are all tried, valid and not, each alone and one after another. GENERATED_EXAMPLES
raises the number of tries per operation and stage (nightly: 3000).
"""

import logging
import os
from collections import Counter
from itertools import chain
from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from django.core.servers.basehttp import WSGIRequestHandler
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema
from schemathesis.engine.events import NonFatalError, ScenarioFinished

from accounts.api.application import SECURITY
from accounts.api.door import IDEMPOTENCY_KEY

logger = logging.getLogger(__name__)
EXAMPLES = int(os.environ.get("GENERATED_EXAMPLES", "150"))


def run(site: str, key: str) -> tuple[Counter[int], list[str]]:
    """Send everything generated; return how many answers of each status, and what was wrong."""
    config = SchemathesisConfig.from_dict(
        {
            "seed": 1,
            "auth": {"openapi": {SECURITY: {"bearer": key}}},
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
            # No schema can tell a cursor of ours from another text.
            "operations": [
                {
                    "include-name": "GET /api/v1/events",
                    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 400]}},
                }
            ],
            "phases": {"stateful": {"max-steps": 4}},
        }
    )
    schema = schemathesis.openapi.from_url(f"{site}/api/v1/openapi.json", config=config)
    statuses: Counter[int] = Counter()
    wrong: list[str] = []
    for event in from_schema(schema).execute():
        if isinstance(event, NonFatalError):
            wrong.append(str(event.info))
        if isinstance(event, ScenarioFinished):
            _collect(event, statuses, wrong)
    return statuses, wrong


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A good idempotency key is made a new one: the same for two requests would rightly be refused."""
    if IDEMPOTENCY_KEY.fullmatch((case.headers or {}).get("Idempotency-Key", "")):
        case.headers["Idempotency-Key"] = str(uuid4())


def _collect(event: ScenarioFinished, statuses: Counter[int], wrong: list[str]) -> None:
    for interaction in event.recorder.interactions.values():
        if interaction.response is not None:
            statuses[interaction.response.status_code] += 1
    checks = chain.from_iterable(event.recorder.checks.values())
    wrong += [f"{c.name}: {c.failure_info.failure} {c.failure_info.code_sample}" for c in checks if c.failure_info]


@pytest.fixture
def unhindered(settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    settings.API_RATE_PER_MINUTE = settings.API_FAILURES_PER_MINUTE = 10_000_000
    # The development server writes an answer in two parts; without this the second waits 40 ms for the first.
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)
    caplog.set_level(logging.CRITICAL, logger="django")


def test_nothing_generated_breaks_the_api_or_its_description(unhindered: None, site: str, harbor_key: str) -> None:
    statuses, wrong = run(site, harbor_key)
    logger.info("generated requests, by status: %s", dict(statuses))
    assert wrong == []
    assert sum(statuses.values()) >= 500
    assert max(statuses) < 500
    assert min(statuses[200], statuses[201]) > 20
