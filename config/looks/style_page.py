"""What the style page shows: pretend data, enough of it to see each piece full, empty and faulty."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest

from config.looks import sorting
from config.looks.icons import ICONS

NOW = datetime(2026, 3, 3, 15, 30, tzinfo=UTC)

PEOPLE = [
    {"name": "Olive Owens", "role": "Owner", "calls": 1204, "seen_at": NOW - timedelta(minutes=3)},
    {"name": "Otto Operato", "role": "Operator", "calls": 388, "seen_at": NOW - timedelta(hours=2)},
    {"name": "Cora Comply", "role": "Compliance", "calls": 0, "seen_at": NOW - timedelta(days=4)},
    {"name": "Ada Audit", "role": "Auditor", "calls": 0, "seen_at": None},
]
COLUMNS = {"name": "name", "calls": "calls"}
SWATCHES = (
    "canvas", "sunken", "surface", "line", "line-strong", "ink", "ink-muted", "ink-faint", "accent", "accent-soft",
    "accent-fill", "good", "good-soft", "warn", "warn-soft", "bad", "bad-soft", "info", "info-soft",
    "series-1", "series-2", "series-3", "series-4", "series-5", "series-6",
)  # fmt: skip


class SampleForm(forms.Form):
    name = forms.CharField(label="Campaign name", help_text="Only your colleagues see it.", max_length=80)
    purpose = forms.ChoiceField(
        label="Purpose",
        choices=[("", "Choose one"), ("reminder", "Appointment reminder"), ("offer", "Offer")],
    )
    role = forms.ChoiceField(
        label="Role",
        widget=forms.RadioSelect(attrs={"class": "cards"}),
        choices=[
            ("OPERATOR", "Operator|Imports contacts, launches and pauses campaigns."),
            ("COMPLIANCE", "Compliance|Suppresses, bans, attests; lifts what was made stricter."),
            ("AUDITOR", "Auditor|Reads everything, changes nothing."),
        ],
    )
    scopes = forms.MultipleChoiceField(
        label="Scopes",
        widget=forms.CheckboxSelectMultiple,
        choices=[("events:read", "events:read|Read events"), ("events:write", "events:write|Send a test event")],
        required=False,
    )
    begins = forms.DateField(
        label="First day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False
    )
    notes = forms.CharField(label="Notes", widget=forms.Textarea, required=False)
    contacts = forms.FileField(label="Contact file", help_text="CSV with one contact to a line.", required=False)
    password = forms.CharField(label="Password", widget=forms.PasswordInput)
    code = forms.CharField(
        label="One-time code",
        widget=forms.TextInput(attrs={"class": "code", "inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    pilot = forms.BooleanField(label="Pilot first", help_text="Ten contacts, then it waits for you.")
    notify = forms.BooleanField(
        label="Tell me when it is done", widget=forms.CheckboxInput(attrs={"class": "switch"}), required=False
    )


def style_context(request: HttpRequest) -> dict[str, object]:
    order = sorting.chosen_sort(request.GET.get("sort"), allowed=COLUMNS, default="name")
    people = sorted(PEOPLE, key=lambda person: str(person[order.removeprefix("-")]).zfill(9))
    number = request.GET.get("page", "2")
    return {
        **_shell(request),
        "now": NOW,
        "icons": sorted(ICONS),
        "swatches": SWATCHES,
        "people": people[::-1] if order.startswith("-") else people,
        "page_obj": Paginator(range(1, 1205), 25).get_page(number),
        "form": SampleForm(prefix="fresh"),
        "faulty_form": _faulty_form(),
        **_numbers(),
    }


def _shell(request: HttpRequest) -> dict[str, object]:
    harbor = SimpleNamespace(name="Harbor Dental", slug="harbor", kind="PRACTICE", is_practice=True)
    summit = SimpleNamespace(name="Summit Logistics", slug="summit", kind="LIVE", is_practice=False)
    return {
        "user": _Olive(),
        "workspace": harbor,
        "memberships": [
            SimpleNamespace(workspace=harbor, get_role_display="Owner"),
            SimpleNamespace(workspace=summit, get_role_display="Auditor"),
        ],
        "navigation": [
            {"label": "", "items": [_item("Home", "home"), _item("Style", "eye", current=True)]},
            {"label": "Exports", "items": [_item("Events", "send")]},
            {"label": "Settings", "items": [_item("People", "people"), _item("API keys", "key")]},
        ],
        "practice_clock": NOW,
        "request": request,
    }


class _Olive:
    """Stands in for somebody signed in, so that the frame can be seen without an account."""

    email = "olive@example.com"
    is_authenticated = True
    is_staff = True

    def __str__(self) -> str:
        return "Olive Owens"


def _item(label: str, icon: str, *, current: bool = False) -> dict[str, Any]:
    return {"label": label, "url": "#content", "icon": icon, "current": current}


def _faulty_form() -> SampleForm:
    form = SampleForm({"faulty-role": "OPERATOR", "faulty-begins": "someday"}, prefix="faulty")
    form.full_clean()
    form.add_error(None, "The campaign is running. Pause it before you change its name.")
    return form


def _numbers() -> dict[str, object]:
    week = [("Mon", 120), ("Tue", 184), ("Wed", 96), ("Thu", 210), ("Fri", 175), ("Sat", 12), ("Sun", 0)]
    return {
        "hourly": [3, 8, 21, 34, 30, 12, 18, 40, 37, 22, 9, 2],
        "week": week,
        "hourly_bars": [(f"{hour:02}:00", (hour * 37) % 61 if 8 <= hour < 20 else 0) for hour in range(24)],
        "outcomes": [("Reached", 412, "good"), ("Voicemail", 188), ("No answer", 240), ("Failed", 17, "bad")],
        "reasons": [("Outside calling hours", 8120), ("Suppressed", 412), ("No consent on file", 96)],
        "hours": ["open" if 8 <= hour < 20 else "partly" if hour == 20 else "closed" for hour in range(24)],
        "nothing": [],
        "event": {"id": "0a9f", "type": "test.requested", "practice": True, "data": {"note": "Is anybody there?"}},
    }
