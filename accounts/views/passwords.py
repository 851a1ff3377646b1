from functools import partial

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlsafe_base64_decode
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import actions, mail, throttle
from accounts.doors import PersonRequest, public, signed_in
from accounts.forms import NewPasswordForm, PasswordChangeForm, PasswordForgottenForm
from accounts.models import User
from accounts.views.pages import form_page, posted
from config import clock

GONE = 410
TOO_MANY = 429


@public
@never_cache
def password_forgotten(request: HttpRequest) -> HttpResponse:
    """Say the same, as fast, whether there is an account or not."""
    form = PasswordForgottenForm(posted(request))
    status = None
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            throttle.take_try("password", account=email, address=throttle.client_address(request), real=clock.real())
        except throttle.TooManyTries as refusal:
            form.add_error(None, refusal.sentence(real=clock.real()))
            status = TOO_MANY
        else:
            person = User.objects.filter(email__iexact=email, is_active=True).first()
            if person:
                mail.send_aside(mail.password_letter(person))
            return redirect("password_forgotten_sent")
    return form_page(request, "accounts/password_forgotten.html", form, status=status)


@public
def password_forgotten_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/password_forgotten_sent.html")


@public
@never_cache
@sensitive_post_parameters("password", "again")
@transaction.atomic
def password_new(request: HttpRequest, uidb64: str, token: str) -> HttpResponse:
    person = _person_of_link(uidb64, token)
    if person is None:
        return render(request, "accounts/password_link_closed.html", status=GONE)
    form = NewPasswordForm(posted(request), person=person)
    if form.is_valid():
        actions.change_password(person, password=form.cleaned_data["password"], now=clock.now())
        throttle.forgive("sign-in", account=person.email)
        return redirect("password_new_done")
    return form_page(request, "accounts/password_new.html", form, person=person)


def _person_of_link(uidb64: str, token: str) -> User | None:
    try:
        pk = int(urlsafe_base64_decode(uidb64))
    except ValueError:
        return None
    # Held until the password is changed, so that two tries with one link are one.
    person = User.objects.select_for_update().filter(pk=pk, is_active=True).first()
    return person if person and default_token_generator.check_token(person, token) else None


@public
def password_new_done(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/password_new_done.html")


@signed_in
@sensitive_post_parameters("current", "password", "again")
def password_change(request: PersonRequest) -> HttpResponse:
    form = PasswordChangeForm(posted(request), person=request.user, check=partial(check_own, request))
    if form.is_valid():
        actions.change_password(request.user, password=form.cleaned_data["password"], now=clock.now())
        update_session_auth_hash(request, request.user)
        messages.success(request, "Your password is changed. Everywhere else you are signed out.")
        return redirect("profile")
    return form_page(request, "accounts/password_change.html", form)


def check_own(request: PersonRequest, password: str) -> None:
    """Is this the person's password? Throttled: a borrowed session must not be a place to guess it."""
    account, real = str(request.user.pk), clock.real()
    try:
        throttle.take_try("own-password", account=account, address=throttle.client_address(request), real=real)
    except throttle.TooManyTries as refusal:
        raise ValidationError(refusal.sentence(real=real)) from None
    if not request.user.check_password(password):
        raise ValidationError("That is not your current password.")
    throttle.forgive("own-password", account=account)
