from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts import actions, throttle
from accounts.doors import public
from accounts.forms import CodeForm, SignInForm
from accounts.models import User
from accounts.views.pages import form_page, next_page, posted
from config import clock

PENDING = "pending_sign_in"  # session key: somebody who knows the password and still owes a code
CODE_IS_AWAITED = timedelta(minutes=10)
TOO_MANY = 429


@public
@never_cache
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(next_page(request))
    form = SignInForm(posted(request))
    status = None
    if form.is_valid():
        try:
            person = _who(request, **form.cleaned_data)
        except throttle.TooManyTries as refusal:
            form.add_error(None, refusal.sentence(real=clock.real()))
            status = TOO_MANY
        else:
            if person:
                return _ask_for_code_or_enter(request, person)
            form.add_error(None, "This e-mail and password do not belong together. Try again.")
    return form_page(request, "accounts/sign_in.html", form, status=status, next=next_page(request))


def _who(request: HttpRequest, *, email: str, password: str) -> User | None:
    throttle.take_try("sign-in", account=email, address=throttle.client_address(request), real=clock.real())
    person = authenticate(request, username=email, password=password)
    if not isinstance(person, User):
        return None
    throttle.forgive("sign-in", account=email)
    return person


def _ask_for_code_or_enter(request: HttpRequest, person: User) -> HttpResponse:
    wanted = next_page(request)
    if not person.has_second_factor:
        enter(request, person)
        return redirect(wanted)
    # Nobody is signed in yet: this only remembers whose code is awaited.
    request.session[PENDING] = asdict(Pending.of(person, wanted=wanted, real=clock.real()))
    return redirect("second_factor")


def enter(request: HttpRequest, person: User) -> None:
    request.session.pop(PENDING, None)
    login(request, person)
    actions.record_everywhere("person.signed_in", person=person, now=clock.now())


@dataclass(frozen=True)
class Pending:
    """A password was right, a code is owed."""

    person_id: int
    password_mark: str  # changes with the password, so that an old half of a sign-in cannot be finished
    wanted: str
    since: str

    @classmethod
    def of(cls, person: User, *, wanted: str, real: datetime) -> "Pending":
        return cls(person.pk, person.get_session_auth_hash(), wanted, real.isoformat())

    @classmethod
    def in_session(cls, request: HttpRequest) -> "Pending | None":
        kept: dict[str, Any] | None = request.session.get(PENDING)
        return cls(**kept) if kept else None

    def person(self, *, real: datetime) -> User | None:
        if real - datetime.fromisoformat(self.since) > CODE_IS_AWAITED:
            return None
        person = User.objects.filter(pk=self.person_id, is_active=True).first()
        if person is None or not constant_time_compare(person.get_session_auth_hash(), self.password_mark):
            return None
        return person


@public
@never_cache
@sensitive_post_parameters("code")
def second_factor(request: HttpRequest) -> HttpResponse:
    pending = Pending.in_session(request)
    person = pending.person(real=clock.real()) if pending else None
    if pending is None or person is None:
        request.session.pop(PENDING, None)
        messages.info(request, "Sign in with your password first; the code comes after.")
        return redirect("sign_in")
    form = CodeForm(posted(request))
    status = None
    if form.is_valid():
        try:
            if _code_opens(request, person, code=form.cleaned_data["code"]):
                enter(request, person)
                return redirect(pending.wanted)
            form.add_error("code", "This code is not valid now. Wait for the next one, and type it as shown.")
        except throttle.TooManyTries as refusal:
            form.add_error(None, refusal.sentence(real=clock.real()))
            status = TOO_MANY
    return form_page(request, "accounts/second_factor.html", form, status=status)


def _code_opens(request: HttpRequest, person: User, *, code: str) -> bool:
    real = clock.real()
    throttle.take_try("code", account=str(person.pk), address=throttle.client_address(request), real=real)
    if not actions.use_code(person, code=code, real=real):
        return False
    throttle.forgive("code", account=str(person.pk))
    return True


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    messages.success(request, "You are signed out.")
    return redirect("sign_in")
