"""What may be typed into the pages of clearing. Forms are courteous; the verbs are what is relied on."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from compliance import number_lists, numbers, rulebook, zones
from compliance.codes import Code
from compliance.dry_run import Question
from compliance.evidence import Evidence
from compliance.facts import Address
from compliance.models import EVERYTHING, CallerNumber, Consent, Seller, Suppression
from compliance.wishes import OptOut, Permission

MOST_BYTES = 1_000_000
FIRST_YEAR, LAST_YEAR = 2000, 2100
EVIDENCE = ("person_name", "text_shown", "signature_act", "copy_ref", "source_url", "recording_ref", "note")

CLOCKS = [
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Arizona"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
    ("America/Puerto_Rico", "Atlantic (Puerto Rico)"),
    ("Pacific/Guam", "Guam"),
    ("Etc/UTC", "UTC"),
]
_DAY = {"attrs": {"type": "date"}, "format": "%Y-%m-%d"}
_MINUTE = {"attrs": {"type": "datetime-local"}, "format": "%Y-%m-%dT%H:%M"}


def purpose_name(purpose: str) -> str:
    return purpose.replace("_", " ").capitalize()


def purposes() -> list[tuple[str, str]]:
    return [(purpose, purpose_name(purpose)) for purpose in rulebook.load().purposes]


def jurisdictions(first: str) -> list[tuple[str, str]]:
    named = sorted((each.name, code) for code, each in rulebook.load().jurisdictions.items())
    return [("", first), *((code, name) for name, code in named)]


class NumberField(forms.CharField):
    """A telephone number, written any way people write one; comes out as E.164."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "tel", "inputmode": "tel", "autocomplete": "off", "placeholder": "+12125550123"}
        super().__init__(**{"label": "Number", "max_length": 40, "widget": forms.TextInput(attrs=attrs), **kwargs})

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        try:
            return numbers.e164(text) if text else ""
        except numbers.NotANumber as problem:
            raise ValidationError(str(problem)) from None


Day = TypeVar("Day", bound=date)


def _of_our_times(day: Day | None) -> Day | None:
    if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValidationError(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.")
    return day


class DayField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.DateInput(**_DAY), **kwargs})  # type: ignore[arg-type]

    def clean(self, value: Any) -> date | None:
        return _of_our_times(super().clean(value))


class LocalField(forms.DateTimeField):
    """A moment on some clock of the wall, without saying which: `on_clock` says so."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"widget": forms.DateTimeInput(**_MINUTE), **kwargs})  # type: ignore[arg-type]

    def clean(self, value: Any) -> datetime | None:
        found = _of_our_times(super().clean(value))
        return found.replace(tzinfo=None) if found else None


class ClockField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "By the clock of", "choices": CLOCKS, "initial": CLOCKS[0][0], **kwargs})


def on_clock(local: datetime, clock: str) -> datetime:
    """The instant at which that clock shows this. Where it shows it twice, the first time."""
    zone = zones.zone(clock)
    instant = local.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != local:
        raise ValidationError("That clock goes forward over this moment, so it never shows it. Choose another.")
    return instant


class SellerField(forms.ModelChoiceField[Seller]):
    """The workspace's sellers; the only one is chosen beforehand."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Seller.objects.none(), **{"empty_label": "Choose a seller", **kwargs})


class AskForm(forms.Form):
    number = NumberField()
    purpose = forms.ChoiceField(choices=purposes)
    seller = SellerField(required=False, empty_label="No seller: judge without consents")
    at = LocalField(label="When", required=False, help_text="Left empty: now.")
    clock = ClockField()
    state = forms.ChoiceField(required=False, choices=lambda: jurisdictions("Not known"))
    zip = forms.CharField(label="ZIP", required=False, max_length=10, widget=forms.TextInput(attrs={"size": 8}))

    def __init__(self, *args: Any, sellers: QuerySet[Seller], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seller"].queryset = sellers  # type: ignore[attr-defined]

    def clean(self) -> None:
        _read_moment(self)

    def question(self, *, now: datetime) -> Question:
        said = self.cleaned_data
        return Question(
            number=said["number"],
            purpose=said["purpose"],
            at=said["at"] or now,
            seller=said["seller"],
            address=Address(state=said["state"] or None, zip=said["zip"].strip() or None),
        )


def first_of(sellers: Iterable[Seller]) -> Seller | None:
    """The one there is, where there is one."""
    found = list(sellers)
    return found[0] if len(found) == 1 else None


class GridForm(forms.Form):
    day = DayField()
    purpose = forms.ChoiceField(choices=purposes)


class CalendarForm(forms.Form):
    year = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR)


OUTCOMES = [
    ("", "Granted or refused"),
    ("refused", "Refused"),
    ("granted", "Granted"),
    ("used", "Granted and used"),
    ("lapsed", "Granted and lapsed"),
]


class DecisionSearchForm(forms.Form):
    """Which decisions to show. Everything may be left empty."""

    number = NumberField(required=False)
    campaign = forms.CharField(required=False, max_length=64)
    outcome = forms.ChoiceField(label="Answer", required=False, choices=OUTCOMES)
    code = forms.ChoiceField(
        label="Reason", required=False, choices=[("", "Any reason"), *((code.value, code.value) for code in Code)]
    )
    since = DayField(label="From", required=False)
    until = DayField(label="To", required=False)

    def clean(self) -> None:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", "The last day lies before the first. Choose a later one.")


# Suppressions


class NumberSearchForm(forms.Form):
    number = NumberField(required=False)


def scopes() -> list[tuple[str, str]]:
    return [(EVERYTHING, "Every purpose"), *((purpose, f"{name} alone") for purpose, name in purposes())]


class RealNumberField(NumberField):
    """A number that somebody can have: what is meant to be kept for good is worth a second look."""

    def clean(self, value: Any) -> str:
        number = super().clean(value)
        try:
            return number_lists.real_number(number, rulebook.load()) if number else ""
        except numbers.NotANumber as problem:
            raise ValidationError(str(problem)) from None


class ReachForm(forms.Form):
    """What a suppression reaches."""

    scope = forms.ChoiceField(label="Purpose", choices=scopes, initial=EVERYTHING)
    channel = forms.ChoiceField(choices=Suppression.Channels.choices, initial=Suppression.Channels.ALL.value)


class SuppressForm(ReachForm):
    number = RealNumberField()
    person = forms.CharField(
        required=False,
        max_length=64,
        help_text="The key your own system knows them by. With it every number of theirs is covered.",
    )
    this_number_only = forms.BooleanField(
        label="This number alone", required=False, help_text="Only if they limited it so themselves."
    )
    how = forms.ChoiceField(
        label="How they said it",
        choices=[choice for choice in Suppression.How.choices if choice[0] != Suppression.How.IMPORT],
        initial=Suppression.How.OPERATOR.value,
    )
    at = LocalField(label="When they said it", required=False, help_text="Left empty: now.")
    clock = ClockField()
    note = forms.CharField(
        label="Evidence",
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Their words, a ticket, where the recording lies.",
    )

    field_order = ["number", "person", "this_number_only", "how", "at", "clock", "scope", "channel", "note"]

    def clean(self) -> None:
        _read_moment(self)

    def opt_out(self) -> OptOut:
        said = self.cleaned_data
        return OptOut(
            how=Suppression.How(said["how"]),
            numbers=[said["number"]],
            person_key=said["person"],
            this_number_only=said["this_number_only"],
            scope=said["scope"],
            channel=Suppression.Channels(said["channel"]),
            requested_at=said["at"],
            evidence={"note": said["note"]} if said["note"] else {},
        )


class LiftForm(forms.Form):
    reason = forms.CharField(
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="What the person said, and when. It stays beside the suppression for good.",
    )


class SuppressionListForm(ReachForm):
    text = forms.CharField(
        label="Numbers",
        required=False,
        max_length=200_000,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": "+12125550123\n(212) 555-0124"}),
        help_text="One a line, or CSV with a column called phone.",
    )
    file = forms.FileField(required=False, help_text="Or a file of the same: text or CSV, UTF-8, at most 1 MB.")
    source = forms.CharField(
        label="Where the list comes from",
        max_length=200,
        help_text="Such as “CRM export of 2 March”. It is kept as the evidence of each.",
    )

    field_order = ["text", "file", "source", "scope", "channel"]

    def clean_file(self) -> str:
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > MOST_BYTES:
            raise ValidationError("The file is larger than 1 MB. Bring the list in parts.")
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise ValidationError("The file is not UTF-8 text. Save it as CSV in UTF-8 and bring it again.") from None

    def clean(self) -> None:
        pasted, uploaded = self.cleaned_data.get("text"), self.cleaned_data.get("file")
        if self.errors:
            return
        if bool(pasted) == bool(uploaded):
            raise ValidationError("Paste the numbers, or bring a file: one of the two.")
        try:
            self.cleaned_data["list"] = number_lists.read(pasted or uploaded or "", rulebook.load())
        except number_lists.TooLong as problem:
            raise ValidationError(str(problem)) from None

    def opt_out(self, number: str) -> OptOut:
        said = self.cleaned_data
        return OptOut(
            how=Suppression.How.IMPORT,
            numbers=[number],
            scope=said["scope"],
            channel=Suppression.Channels(said["channel"]),
            evidence={"source": said["source"]},
        )


# Consents


KINDS = [
    (Consent.Kind.PEWC.value, "Written, to sales calls|Signed, naming the seller and this number, with both notices."),
    (Consent.Kind.PEC.value, "To calls that sell nothing|They gave this number for this kind of call."),
    (Consent.Kind.DNC_PERMISSION.value, "To call a registered number|Signed, naming the seller."),
]
ORIGINS = [choice for choice in Consent.Origin.choices if choice[0] in {"FORM", "VOICE", "PAPER"}]
SAID = {
    "signed": "They signed",
    "names_seller": "It names the seller",
    "says_not_a_condition": "It says that agreeing is no condition of buying",
    "says_artificial_voice": "It says that an artificial voice may call",
    "prior_agreement": "They agreed to automated calls without a person introducing them",
}


class ConsentForm(forms.Form):
    number = RealNumberField()
    seller = SellerField()
    kind = forms.ChoiceField(choices=KINDS, widget=forms.RadioSelect(attrs={"class": "cards"}))
    scope = forms.ChoiceField(label="Purpose", choices=scopes, initial=EVERYTHING)
    origin = forms.ChoiceField(label="How it was given", choices=ORIGINS)
    at = LocalField(label="When it was given")
    clock = ClockField()
    said = forms.MultipleChoiceField(
        label="What the evidence shows",
        required=False,
        choices=list(SAID.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="Leave unticked what it does not show: it will not count.",
    )
    person_name = forms.CharField(label="Name they gave", required=False, max_length=200)
    text_shown = forms.CharField(
        label="Text they agreed to",
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Exactly as shown or read out.",
    )
    signature_act = forms.CharField(
        label="How they signed", required=False, max_length=200, help_text="Such as: checkbox, initially empty."
    )
    copy_ref = forms.CharField(
        label="Copy", required=False, max_length=300, help_text="Where a screenshot or a scan is kept."
    )
    source_url = forms.URLField(label="Page", required=False, max_length=300, assume_scheme="https")
    recording_ref = forms.CharField(
        label="Recording", required=False, max_length=300, help_text="Where the recording is kept."
    )
    note = forms.CharField(required=False, max_length=1_000, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, sellers: QuerySet[Seller], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seller"].queryset = sellers  # type: ignore[attr-defined]

    def clean(self) -> None:
        _read_moment(self)

    def permission(self) -> Permission:
        said = self.cleaned_data
        shown: dict[str, Any] = dict.fromkeys(said["said"], True)
        return Permission(
            number=said["number"],
            kind=Consent.Kind(said["kind"]),
            origin=Consent.Origin(said["origin"]),
            obtained_at=said["at"],
            scope=said["scope"],
            evidence=Evidence(**{name: said[name] for name in EVIDENCE}),
            **shown,
        )


class RevokeForm(forms.Form):
    scope = forms.ChoiceField(label="Purpose", choices=scopes, initial=EVERYTHING)
    channel = forms.CharField(
        label="How they said it", max_length=40, help_text="In a call, by text, by mail, in the shop."
    )
    at = LocalField(label="When they said it", required=False, help_text="Left empty: now.")
    clock = ClockField()

    def clean(self) -> None:
        _read_moment(self)


def _read_moment(form: forms.Form) -> None:
    local, clock = form.cleaned_data.get("at"), form.cleaned_data.get("clock")
    if local and clock:
        try:
            form.cleaned_data["at"] = on_clock(local, clock)
        except ValidationError as problem:
            form.add_error("at", problem)


# Sellers


class SellerForm(forms.Form):
    name = forms.CharField(label="Legal name", max_length=120, help_text="As registered, and as the caller says it.")
    callback_number = RealNumberField(
        label="Callback number", help_text="Takes do-not-call requests in business hours."
    )
    san = forms.CharField(
        label="Subscription number",
        required=False,
        max_length=40,
        help_text="The seller's own SAN with the national registry.",
    )


class AttestForm(forms.Form):
    jurisdiction = forms.ChoiceField(choices=lambda: jurisdictions("Choose a jurisdiction"))
    reference = forms.CharField(
        max_length=120, help_text="A registration number, a bond, or counsel's advice and its date."
    )
    until = DayField(label="Last day", required=False, help_text="Left empty: until withdrawn.")


class CallerNumberForm(forms.Form):
    number = RealNumberField()
    level = forms.ChoiceField(
        label="Attestation of the carrier",
        required=False,
        choices=[*((level.value, level.label) for level in CallerNumber.Level)],
    )
