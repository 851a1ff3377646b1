"""The verbs of compliance, beside `clear`. Each runs inside `in_workspace` and writes its line of the audit log."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify

from accounts import audit
from accounts.actions import Refused
from accounts.models import ApiKey, Membership, User
from accounts.roles import Role
from compliance import numbers, rulebook
from compliance.evidence import missing
from compliance.gather import COUNTED, RULES
from compliance.inside import workspace_here
from compliance.models import (
    EVERYTHING,
    Attestation,
    CallerNumber,
    Clearance,
    Consent,
    Conversation,
    LegalHold,
    Seller,
    Suppression,
    SuppressionLift,
    WorkspacePolicy,
)
from compliance.opening import refresh_open_hours
from compliance.policy import Loosened, Policy, TooLoose
from compliance.wishes import OptOut, Permission
from exports.actions import record_event
from exports.kinds import NUMBER_SUPPRESSED

Entry, Kind, Origin = Consent.Entry, Consent.Kind, Consent.Origin
Teller = User | ApiKey | None  # who brought the news: a colleague, a program, or Callwright itself


def _user(by: Teller) -> User | None:
    return by if isinstance(by, User) else None


def _api_key(by: Teller) -> ApiKey | None:
    return by if isinstance(by, ApiKey) else None


def _record(verb: str, *, by: Teller, now: datetime, subject: object, **about: object) -> None:
    audit.record(verb, now=now, user=_user(by), api_key=_api_key(by), subject=subject, **about)


def _number(text: str) -> str:
    try:
        return numbers.e164(text)
    except numbers.NotANumber as problem:
        raise Refused(str(problem)) from None


# Sellers and the numbers we call from


def add_seller(*, name: str, callback_number: str, san: str = "", by: User, now: datetime) -> Seller:
    workspace_id = workspace_here()
    name = name.strip()
    if not name:
        raise Refused("A seller needs its legal name, as it is registered and as the caller will say it.")
    try:
        with transaction.atomic():
            seller = Seller.objects.create(
                workspace_id=workspace_id,
                key=_new_seller_key(name, workspace_id),
                name=name,
                callback_number=_number(callback_number),
                san=san,
                added_at=now,
            )
    except IntegrityError:
        raise Refused(f"There is already a seller called {name}.") from None
    audit.record("seller.added", now=now, user=by, subject=seller, seller=seller.pk)
    return seller


def _new_seller_key(name: str, workspace_id: int) -> str:
    stem = slugify(name)[:32].strip("-") or "seller"
    taken = set(Seller.objects.filter(workspace=workspace_id, key__startswith=stem).values_list("key", flat=True))
    return next(key for key in (stem, *(f"{stem}-{count}" for count in range(2, 10_000))) if key not in taken)


def attest(
    seller: Seller, *, jurisdiction: str, reference: str, until: date | None = None, by: User, now: datetime
) -> Attestation:
    """Keep somebody's word that the seller may sell there. A newer word takes the place of the one before."""
    book = rulebook.load()
    if jurisdiction not in book.jurisdictions:
        raise Refused(f"The rulebook knows no jurisdiction {jurisdiction!r}. Write its two letters, such as TX.")
    if not reference.strip():
        raise Refused("Say what stands behind this: a registration number, a bond, or counsel's advice and its date.")
    Seller.objects.select_for_update().get(pk=seller.pk)
    Attestation.objects.filter(seller=seller, jurisdiction=jurisdiction, withdrawn_at=None).update(
        withdrawn_at=now, withdrawn_by=by
    )
    attestation = Attestation.objects.create(
        workspace_id=seller.workspace_id,
        seller=seller,
        jurisdiction=jurisdiction,
        reference=reference.strip(),
        until=until,
        attested_by=by,
        attested_at=now,
    )
    about = {"seller": seller.pk, "reference": reference, "until": until.isoformat() if until else None}
    _record("seller.attested", now=now, by=by, subject=attestation, **about)
    return attestation


def withdraw_attestation(attestation: Attestation, *, by: User, now: datetime) -> None:
    held = Attestation.objects.filter(pk=attestation.pk, withdrawn_at=None)
    if held.update(withdrawn_at=now, withdrawn_by=by) != 1:
        raise Refused("This attestation was withdrawn already.")
    audit.record("seller.attestation_withdrawn", now=now, user=by, subject=attestation, seller=attestation.seller_id)


def add_caller_number(
    seller: Seller, *, number: str, level: CallerNumber.Level = CallerNumber.Level.UNKNOWN, by: User, now: datetime
) -> CallerNumber:
    try:
        with transaction.atomic():
            added = CallerNumber.objects.create(
                workspace_id=seller.workspace_id, seller=seller, number=_number(number), level=level, added_at=now
            )
    except IntegrityError:
        raise Refused("This workspace calls from that number already.") from None
    audit.record("caller_number.added", now=now, user=by, subject=seller, caller_number=added.pk)
    return added


def verify_caller_number(caller_number: CallerNumber, *, by: User, now: datetime) -> None:
    CallerNumber.objects.filter(pk=caller_number.pk).update(verified_at=now)
    caller_number.verified_at = now
    audit.record(
        "caller_number.verified", now=now, user=by, subject=caller_number.seller, caller_number=caller_number.pk
    )


def rest_caller_number(caller_number: CallerNumber, *, until: datetime | None, by: User | None, now: datetime) -> None:
    """Give a number a rest, or end it early with None."""
    CallerNumber.objects.filter(pk=caller_number.pk).update(resting_until=until)
    caller_number.resting_until = until
    about = {"caller_number": caller_number.pk, "until": until.isoformat() if until else None}
    _record("caller_number.rested", now=now, by=by, subject=caller_number.seller, **about)


# Consents


def record_consent(
    permission: Permission, *, seller: Seller, supersedes: Consent | None = None, by: Teller, now: datetime
) -> Consent:
    """Keep a permission with its evidence. Whether it is good enough is judged at each call, not here."""
    _check_scope(permission.scope)
    if permission.obtained_at > now:
        raise Refused("A consent cannot have been given in the future. Check its date and its time zone.")
    if permission.origin == Origin.DECLARATION and permission.kind != Kind.PEC:
        raise Refused("What is declared for a whole file can stand for a permission, never for a signature.")
    consent = Consent.objects.create(
        workspace_id=workspace_here(),
        entry=Entry.GIVEN,
        number=_number(permission.number),
        person_key=permission.person_key,
        seller=seller,
        scope=permission.scope,
        at=permission.obtained_at,
        recorded_at=now,
        recorded_by=_user(by),
        api_key=_api_key(by),
        kind=permission.kind,
        origin=permission.origin,
        signed=permission.signed,
        names_seller=permission.names_seller,
        says_not_a_condition=permission.says_not_a_condition,
        says_artificial_voice=permission.says_artificial_voice,
        prior_agreement=permission.prior_agreement,
        complete=not missing(permission.kind, permission.origin, permission.evidence),
        supersedes=supersedes,
        evidence=permission.evidence.to_json(),
    )
    _record("consent.recorded", by=by, now=now, subject=seller, consent=consent.pk, kind=consent.kind)
    return consent


def revoke_consent(
    *,
    number: str = "",
    person_key: str = "",
    seller: Seller | None = None,
    scope: str = EVERYTHING,
    channel: str,
    revoked_at: datetime | None = None,
    by: Teller,
    now: datetime,
) -> Consent:
    """Keep that a person took their permission back: of this number, of all theirs, or both. Holds at once."""
    _check_scope(scope)
    if not number and not person_key:
        raise Refused("Say whose consent is taken back: a number, a person, or both.")
    consent = Consent.objects.create(
        workspace_id=workspace_here(),
        entry=Entry.REVOKED,
        number=_number(number) if number else "",
        person_key=person_key,
        seller=seller,
        scope=scope,
        at=min(revoked_at or now, now),
        recorded_at=now,
        recorded_by=_user(by),
        api_key=_api_key(by),
        channel=channel,
    )
    _record("consent.revoked", by=by, now=now, subject=seller or "", consent=consent.pk)
    return consent


def _check_scope(scope: str) -> None:
    purposes = rulebook.load().purposes
    if scope != EVERYTHING and scope not in purposes:
        raise Refused(f"There is no purpose {scope!r}. Choose from {', '.join([EVERYTHING, *purposes])}.")


# Suppressions

_SUPPRESSING = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def suppress(opt_out: OptOut, *, by: Teller, now: datetime) -> list[Suppression]:
    """Never contact them again, from the moment this commits.

    Safe to say twice: what stands already stays as it is, and is returned. A row for each number, or one for the
    person where no number is known.
    """
    _check_scope(opt_out.scope)
    if not opt_out.numbers and not opt_out.person_key:
        raise Refused("Say whom to suppress: a number, a person, or both.")
    if opt_out.this_number_only and not opt_out.numbers:
        raise Refused("Name the number this is limited to.")
    numbers_ = [_number(number) for number in dict.fromkeys(opt_out.numbers)] or [""]
    _one_at_a_time(f"{workspace_here()} suppress {opt_out.person_key or min(numbers_)}")
    wanted = [_wanted(opt_out, number=number, by=by, now=now) for number in numbers_]
    return [_standing(suppression) or _suppress(suppression, by=by) for suppression in wanted]


def _wanted(opt_out: OptOut, *, number: str, by: Teller, now: datetime) -> Suppression:
    of_person = bool(opt_out.person_key) and not opt_out.this_number_only
    return Suppression(
        workspace_id=workspace_here(),
        number=number,
        person_key=opt_out.person_key,
        covers=Suppression.Covers.PERSON if of_person else Suppression.Covers.NUMBER,
        scope=opt_out.scope,
        channel=opt_out.channel,
        how=opt_out.how,
        # An opt-out is never turned away for the clock of whoever reports it.
        requested_at=min(opt_out.requested_at or now, now),
        effective_at=now,
        by=_user(by),
        api_key=_api_key(by),
        evidence=opt_out.evidence,
    )


def _one_at_a_time(name: str) -> None:
    """Two reports of one opt-out make one row. Another lock than that of `clear`: an opt-out waits for no batch."""
    with connection.cursor() as cursor:
        cursor.execute(_SUPPRESSING, [name])


def _standing(wanted: Suppression) -> Suppression | None:
    """The same opt-out, in force, with no permission given since that may have released it."""
    same = Suppression.objects.filter(
        workspace=wanted.workspace_id,
        number=wanted.number,
        person_key=wanted.person_key,
        covers=wanted.covers,
        scope=wanted.scope,
        channel=wanted.channel,
        lift=None,
    ).order_by("-id")
    found = same.first()
    if found is None:
        return None
    given_since = Consent.objects.filter(workspace=wanted.workspace_id, entry=Entry.GIVEN, at__gte=found.requested_at)
    mine = (
        given_since.filter(number=wanted.number) if wanted.number else given_since.filter(person_key=wanted.person_key)
    )
    return None if mine.exists() else found


def _suppress(suppression: Suppression, *, by: Teller) -> Suppression:
    suppression.save(force_insert=True)
    payload: dict[str, object] = {
        "suppression": suppression.pk,
        "number": suppression.number or None,
        "person": suppression.person_key or None,
        "covers": suppression.covers,
        "scope": suppression.scope,
        "channel": suppression.channel,
        "how": suppression.how,
        "requested_at": suppression.requested_at.isoformat(),
        "effective_at": suppression.effective_at.isoformat(),
    }
    record_event(NUMBER_SUPPRESSED, payload, now=suppression.effective_at)
    about = {"scope": suppression.scope, "channel": suppression.channel, "how": suppression.how}
    _record(
        "number.suppressed",
        by=by,
        now=suppression.effective_at,
        subject=suppression,
        suppression=suppression.pk,
        **about,
    )
    return suppression


def lift(suppression: Suppression, *, reason: str, by: User, now: datetime) -> SuppressionLift:
    if not reason.strip():
        raise Refused("Lifting a suppression needs a reason: what the person said, and when.")
    try:
        with transaction.atomic():
            lifted = SuppressionLift.objects.create(
                workspace_id=suppression.workspace_id, suppression=suppression, at=now, by=by, reason=reason.strip()
            )
    except IntegrityError:
        raise Refused("This suppression was lifted already.") from None
    audit.record(
        "number.lifted", now=now, user=by, subject=suppression, suppression=suppression.pk, reason=reason.strip()
    )
    return lifted


# What the workspace adds to the rulebook


def change_policy(
    *,
    platform_count: int | None = None,
    platform_hours: int | None = None,
    clearance_seconds: int | None = None,
    ring_seconds: int | None = None,
    by: User,
    now: datetime,
) -> WorkspacePolicy:
    policy = _policy_held()
    asked = {
        "platform_count": platform_count,
        "platform_hours": platform_hours,
        "clearance_seconds": clearance_seconds,
        "ring_seconds": ring_seconds,
    }
    wanted = {name: value for name, value in asked.items() if value is not None}
    limits = {
        "platform_count": (1, 100),
        "platform_hours": (1, 744),
        "clearance_seconds": (5, 300),
        "ring_seconds": (15, 300),
    }
    for name, value in wanted.items():
        least, most = limits[name]
        if not least <= value <= most:
            raise Refused(f"{name.replace('_', ' ').capitalize()} must lie between {least} and {most}.")
        setattr(policy, name, value)
    return _changed(policy, by=by, now=now, **wanted)


def make_stricter(rules: Policy, *, by: User, now: datetime) -> WorkspacePolicy:
    """Set the workspace's own hours, holidays, caps and emergencies. What an owner set aside stays as it is."""
    if rules.loosened:
        raise Refused("A rule is set aside by an owner, with a reason, one by one.")
    if any(cap.hours > COUNTED // timedelta(hours=1) for cap in rules.caps):
        raise Refused(f"A cap may look back {COUNTED.days} days at most.")
    policy = _policy_held()
    loosened = RULES.validate_python(policy.rules).loosened
    policy.rules = RULES.dump_python(replace(rules, loosened=loosened), mode="json")
    said = RULES.dump_python(rules, mode="json", exclude={"loosened"})
    return _changed(policy, by=by, now=now, rules=said)


def loosen(
    *, code: str, jurisdiction: str, reason: str, seller: Seller | None = None, by: User, now: datetime
) -> WorkspacePolicy:
    """Set a state's rule aside for this workspace. Only an owner, only with a reason, and shown on all it touches."""
    _demand_owner(by)
    policy = _policy_held()
    rules = RULES.validate_python(policy.rules)
    try:
        aside = RULES.validate_python(
            {
                "loosened": [
                    {
                        "code": code,
                        "jurisdiction": jurisdiction,
                        "reason": reason,
                        "by": str(by),
                        "seller": seller.key if seller else None,
                    }
                ]
            }
        ).loosened
    except (TooLoose, ValueError) as problem:
        raise Refused(str(problem)) from None
    kept = [rule for rule in rules.loosened if _about(rule) != _about(aside[0])]
    policy.rules = RULES.dump_python(replace(rules, loosened=(*kept, *aside)), mode="json")
    return _changed(policy, by=by, now=now, loosened=code, jurisdiction=jurisdiction, reason=reason)


def tighten(*, code: str, jurisdiction: str, seller: Seller | None = None, by: User, now: datetime) -> WorkspacePolicy:
    """Let a rule that was set aside hold again."""
    policy = _policy_held()
    rules = RULES.validate_python(policy.rules)
    key = seller.key if seller else None
    kept = tuple(rule for rule in rules.loosened if _about(rule) != (code, jurisdiction, key))
    if len(kept) == len(rules.loosened):
        raise Refused("This rule was not set aside.")
    policy.rules = RULES.dump_python(replace(rules, loosened=kept), mode="json")
    return _changed(policy, by=by, now=now, tightened=code, jurisdiction=jurisdiction)


def _about(rule: Loosened) -> tuple[str, str, str | None]:
    return rule.code.value, rule.jurisdiction, rule.seller


def waive_reassigned_check(*, reason: str, by: User, now: datetime) -> WorkspacePolicy:
    """Call on a consent without asking the reassigned-numbers database, where no law demands it; "" ends that."""
    _demand_owner(by)
    policy = _policy_held()
    policy.reassigned_waiver = reason.strip()
    return _changed(policy, by=by, now=now, reassigned_waiver=reason.strip())


def _demand_owner(by: User) -> None:
    if not Membership.objects.filter(workspace=workspace_here(), user=by, role=Role.OWNER).exists():
        raise Refused("Only an owner may set a rule aside.")


def _policy_held() -> WorkspacePolicy:
    workspace_id = workspace_here()
    WorkspacePolicy.objects.bulk_create([WorkspacePolicy(workspace_id=workspace_id)], ignore_conflicts=True)
    return WorkspacePolicy.objects.select_for_update().get(workspace=workspace_id)


def _changed(policy: WorkspacePolicy, *, by: User, now: datetime, **what: object) -> WorkspacePolicy:
    policy.changed_at = now
    policy.save()
    refresh_open_hours(now=now, all_of_them=True)
    _record("policy.changed", now=now, by=by, subject="workspace policy", **what)
    return policy


# Legal holds


def place_legal_hold(*, reason: str, by: User, now: datetime) -> LegalHold:
    if not reason.strip():
        raise Refused("Say what the hold is for, so that somebody can tell later when it may end.")
    hold = LegalHold.objects.create(workspace_id=workspace_here(), reason=reason.strip(), placed_by=by, placed_at=now)
    audit.record("legal_hold.placed", now=now, user=by, subject=hold, hold=hold.pk)
    return hold


def release_legal_hold(hold: LegalHold, *, by: User, now: datetime) -> None:
    if LegalHold.objects.filter(pk=hold.pk, released_at=None).update(released_at=now, released_by=by) != 1:
        raise Refused("This hold was released already.")
    audit.record("legal_hold.released", now=now, user=by, subject=hold, hold=hold.pk)


# What the calls tell


def note_conversation(clearance: Clearance, *, at: datetime) -> None:
    """A person spoke with us in the call of this clearance: some rules then ask for rest. Safe to say twice."""
    Conversation.objects.bulk_create(
        [Conversation(workspace_id=clearance.workspace_id, clearance=clearance, at=at)], ignore_conflicts=True
    )
