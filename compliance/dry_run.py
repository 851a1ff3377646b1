"""May I call? What `clear` would say of one number, with nothing reserved and nothing kept."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from compliance import rules
from compliance.candidates import Candidate
from compliance.facts import Address, Facts
from compliance.gather import House, gather, house
from compliance.inside import workspace_here
from compliance.models import Seller
from compliance.rulebook import Rulebook
from compliance.rules import Verdict

NOBODY = 0  # a question without a seller


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    number: str
    purpose: str
    at: datetime
    seller: Seller | None = None
    address: Address = field(default_factory=Address)


@dataclass(frozen=True, slots=True)
class Answer:
    question: Question
    facts: Facts
    verdict: Verdict


def ask(question: Question, *, rulebook: Rulebook, now: datetime) -> Answer:
    """Judge what is known today at the instant asked about. The playbook is taken to be complete."""
    workspace_id = workspace_here()
    candidate = Candidate(
        number=question.number,
        person_key="",
        campaign_key="",
        seller_id=question.seller.pk if question.seller else NOBODY,
        purpose=question.purpose,
        address=question.address,
        script_complete=True,
    )
    [facts] = gather(
        [candidate],
        house=_house(question, workspace_id=workspace_id),
        workspace_id=workspace_id,
        rulebook=rulebook,
        now=question.at,
    )
    if question.at < now:
        facts = replace(facts, attempts=tuple(each for each in facts.attempts or () if each.at < question.at))
    return Answer(question, facts, rules.judge(facts, rulebook))


def _house(question: Question, *, workspace_id: int) -> House:
    if question.seller is not None:
        return house(workspace_id=workspace_id, sellers=[question.seller.pk])
    ours = house(workspace_id=workspace_id, sellers=[])
    return House(ours.policy, ours.rules, {NOBODY: Seller(key="")}, {})
