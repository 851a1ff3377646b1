"""What people may type into the pages of accounts. Forms are courteous; constraints are what is relied on."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import User, Workspace
from accounts.roles import SUMMARIES, Role
from accounts.scopes import SCOPES

ROLE_CARDS = [(role.value, f"{role.title()}|{SUMMARIES[role]}") for role in Role]
KIND_CARDS = [
    (Workspace.Kind.PRACTICE.value, "Practice|Calls reach only the sandbox: pretend people, no telephone, no cost."),
    (
        Workspace.Kind.LIVE.value,
        "Live|Calls reach real people through your carrier, once an owner has opened it after a checklist.",
    ),
]


def _password_input(purpose: str) -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": purpose})


class EmailField(forms.EmailField):
    """An address in plain letters and lower case: two spellings must never look like two people."""

    def __init__(self, *, autocomplete: str = "email", **kwargs: Any) -> None:
        kwargs.setdefault("label", "E-mail")
        super().__init__(widget=forms.EmailInput(attrs={"autocomplete": autocomplete}), max_length=254, **kwargs)

    def clean(self, value: Any) -> str:
        address: str = super().clean(value)
        if not address.isascii():
            raise ValidationError("Write the address in plain letters, without accents.")
        return address.lower()


class NameField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"label": "Name", "max_length": 120, **kwargs})

    def clean(self, value: Any) -> str:
        name: str = super().clean(value)
        if not name.isprintable():
            raise ValidationError("Write the name on one line, with letters one can see.")
        return " ".join(name.split())


class SignInForm(forms.Form):
    email = EmailField(autocomplete="username")
    password = forms.CharField(widget=_password_input("current-password"), strip=False, max_length=1024)


class CodeForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=40,
        help_text="Six digits from your app, or one of your recovery codes.",
        widget=forms.TextInput(attrs={"class": "code", "autocomplete": "one-time-code", "autofocus": True}),
    )


class SixDigitsForm(forms.Form):
    code = forms.CharField(
        label="Code",
        max_length=10,
        help_text="The six digits your app shows now.",
        widget=forms.TextInput(
            attrs={"class": "code", "autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        ),
    )


class PasswordForgottenForm(forms.Form):
    email = EmailField(autocomplete="username")


class NewPasswordForm(forms.Form):
    """A password typed twice, judged by the rules of the installation."""

    password = forms.CharField(
        label="New password",
        strip=False,
        max_length=1024,
        widget=_password_input("new-password"),
        help_text="At least 12 characters. A few words in a row are easy to remember and hard to guess.",
    )
    again = forms.CharField(
        label="The same again", strip=False, max_length=1024, widget=_password_input("new-password")
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self.person)
        return password

    def clean(self) -> dict[str, Any]:
        password, again = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if password and again and password != again:
            self.add_error("again", "The two passwords differ. Type the same one twice.")
        return self.cleaned_data


class CurrentPasswordForm(forms.Form):
    current = forms.CharField(
        label="Current password", strip=False, max_length=1024, widget=_password_input("current-password")
    )

    def __init__(self, *args: Any, check: Callable[[str], None], **kwargs: Any) -> None:
        """`check` raises a ValidationError unless this is the password."""
        super().__init__(*args, **kwargs)
        self.check = check

    def clean_current(self) -> str:
        current: str = self.cleaned_data["current"]
        self.check(current)
        return current


class PasswordChangeForm(NewPasswordForm, CurrentPasswordForm):
    field_order = ["current", "password", "again"]


class JoinForm(NewPasswordForm):
    name = NameField(label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "password", "again"]

    def clean_name(self) -> str:
        # The password must not be the name either; this field is cleaned first.
        self.person.name = self.cleaned_data["name"]
        return self.person.name


class ProfileForm(forms.Form):
    name = NameField(label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        choices=ROLE_CARDS, initial=Role.OPERATOR.value, widget=forms.RadioSelect(attrs={"class": "cards"})
    )


class InviteForm(RoleForm):
    email = EmailField(autocomplete="off")
    field_order = ["email", "role"]


class ApiKeyForm(forms.Form):
    name = NameField(max_length=80, help_text="What will use it, such as “CRM import”.")
    scopes = forms.MultipleChoiceField(
        label="What it may do",
        choices=[(scope, f"{scope}|{sentence}") for scope, sentence in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "cards"}),
        error_messages={"required": "Choose at least one thing the key may do."},
    )


class WorkspaceNameForm(forms.Form):
    name = NameField(max_length=80, help_text="Your business or department, as colleagues know it.")


class StartWorkspaceForm(WorkspaceNameForm):
    kind = forms.ChoiceField(
        choices=KIND_CARDS,
        initial=Workspace.Kind.PRACTICE.value,
        widget=forms.RadioSelect(attrs={"class": "cards"}),
        help_text="This is fixed for good: a practice workspace never turns into a live one, nor back.",
    )


class AuditFilterForm(forms.Form):
    """Which lines of the audit log to show. Everything may be left empty."""

    person = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    verb = forms.ChoiceField(label="Deed", required=False)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, people: Iterable[tuple[int, str]], verbs: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [("", "Everybody"), *people]  # type: ignore[attr-defined]
        self.fields["verb"].choices = [("", "Everything"), *verbs]  # type: ignore[attr-defined]
