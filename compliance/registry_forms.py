"""What may be typed where registries are loaded and asked. Forms are courteous; loading itself is what is relied on."""

from typing import Any, BinaryIO, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from compliance import numbers, rulebook
from compliance.models import Registry
from compliance.registries.containers import demand_list
from compliance.registries.faults import Malformed
from compliance.registries.offers import Offer
from compliance.registries.parts import hash_of
from compliance.registries.spelling import Unreadable, area_codes

MOST_BYTES = 2 << 30
KINDS = [
    (Registry.Kind.NATIONAL.value, "National registry|The full list for your area codes, as the FTC delivers it."),
    (Registry.Kind.STATE.value, "State registry|A state's own list, in the same form."),
    (Registry.Kind.LITIGATOR.value, "Litigators|A commercial list: CSV, or one number a line. Optional."),
    (Registry.Kind.REASSIGNED.value, "Reassigned numbers|Answers of the reassigned-numbers database, as CSV."),
]
AS_OF_HELP = "The day the list was made, not the day you load it. Left empty, the day in the file's name counts."


def _states() -> list[tuple[str, str]]:
    book = rulebook.load("us")
    named = sorted((each.name, code) for code, each in book.jurisdictions.items())
    return [("", "Choose a state"), *((code, name) for name, code in named)]


class FileForm(forms.Form):
    """What every load asks: the file, its day, and whether a doubt is to be set aside."""

    file = forms.FileField(help_text="Text, CSV or XML, plain or in a zip; at most 2 GB.")
    as_of = forms.DateField(
        label="Day of the list",
        required=False,
        help_text=AS_OF_HELP,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    anyway = forms.BooleanField(
        label="Load it even if it is older or much smaller than the list in force",
        required=False,
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError("The file is larger than 2 GB. Load it on the server, with manage.py load_registry.")
        try:
            demand_list(cast("BinaryIO", file), name=str(file.name))
        except Malformed as problem:
            raise ValidationError(str(problem)) from None
        return file

    def offer(self, *, kind: Registry.Kind, **said: Any) -> Offer:
        file = self.cleaned_data["file"]
        return Offer(
            kind=kind,
            source=file.name,
            file_hash=hash_of(file.chunks()),
            size=file.size,
            as_of=self.cleaned_data["as_of"],
            anyway=self.cleaned_data["anyway"],
            **said,
        )


class LoadForm(FileForm):
    kind = forms.ChoiceField(
        label="Which list is it?", choices=KINDS, widget=forms.RadioSelect(attrs={"class": "cards"})
    )
    us_state = forms.ChoiceField(label="State", required=False, choices=_states, help_text="For a state registry.")
    san = forms.CharField(
        label="Subscription number", required=False, max_length=40, help_text="The SAN under which you got the list."
    )
    areas = forms.CharField(
        label="Area codes covered",
        required=False,
        max_length=2_000,
        help_text="Such as 212, 646, or all. Left empty, those in the file count. Numbers elsewhere are not called.",
    )
    number_column = forms.CharField(
        label="Column of the number",
        required=False,
        max_length=80,
        help_text="For a CSV whose column has an unusual name.",
    )

    field_order = ["kind", "us_state", "file", "as_of", "areas", "san", "number_column", "anyway"]

    def clean_areas(self) -> str:
        text: str = self.cleaned_data["areas"]
        try:
            area_codes(text)
        except Unreadable:
            raise ValidationError("Write area codes as three digits, such as 212, 646; or write all.") from None
        return text

    def clean(self) -> None:
        kind, state = self.cleaned_data.get("kind"), self.cleaned_data.get("us_state")
        if kind == Registry.Kind.STATE and not state:
            self.add_error("us_state", "Say which state's list it is.")
        if kind and kind != Registry.Kind.STATE:
            self.cleaned_data["us_state"] = ""

    def full_offer(self) -> Offer:
        said = {name: self.cleaned_data[name] for name in ("us_state", "san", "areas", "number_column")}
        return self.offer(kind=Registry.Kind(self.cleaned_data["kind"]), **said)


class ChangesForm(FileForm):
    base_id = forms.IntegerField(widget=forms.HiddenInput)

    def change_offer(self, registry: Registry) -> Offer:
        san = registry.current.san if registry.current else ""
        return self.offer(
            kind=Registry.Kind(registry.kind),
            us_state=registry.us_state,
            seller_key=registry.seller_key,
            san=san,
            base_id=self.cleaned_data["base_id"],
        )


class NumberForm(forms.Form):
    number = forms.CharField(
        label="Number",
        max_length=40,
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "autocomplete": "off", "placeholder": "+12125550123"}
        ),
    )

    def clean_number(self) -> str:
        try:
            return numbers.e164(self.cleaned_data["number"])
        except numbers.NotANumber as problem:
            raise ValidationError(str(problem)) from None
