from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts import actions, totp
from accounts.doors import PersonRequest, signed_in
from accounts.forms import CurrentPasswordForm, ProfileForm, SixDigitsForm
from accounts.models import RecoveryCode, User
from accounts.sealing import seal, unseal
from accounts.views.pages import form_page, posted
from accounts.views.passwords import check_own
from config import clock

OFFERED_SECRET = "offered_second_factor"  # noqa: S105 - a session key; what it holds is sealed


@signed_in
def profile(request: PersonRequest) -> HttpResponse:
    person = User.objects.get(pk=request.user.pk)
    form = ProfileForm(posted(request), initial={"name": person.name})
    if form.is_valid():
        person.name = form.cleaned_data["name"]
        person.save(update_fields=["name"])
        messages.success(request, "Your name is saved.")
        return redirect("profile")
    codes = RecoveryCode.objects.filter(user=person).count()
    return form_page(request, "accounts/profile.html", form, recovery_codes=codes)


@signed_in
@never_cache
@sensitive_post_parameters("code")
def second_factor_set_up(request: PersonRequest) -> HttpResponse:
    if request.user.has_second_factor:
        messages.info(request, "You have a second factor already. Remove it before setting up another.")
        return redirect("profile")
    secret = _offered_secret(request)
    form = SixDigitsForm(posted(request))
    if form.is_valid():
        step = totp.matching_step(secret, code=form.cleaned_data["code"], real=clock.real())
        if step is not None:
            return _second_factor_added(request, secret=secret, step=step)
        form.add_error("code", "This is not the code of this moment. Is the phone's clock right? Type the next one.")
    return form_page(
        request,
        "accounts/second_factor_set_up.html",
        form,
        secret=secret,
        qr_code=totp.qr_code(secret, account=request.user.email),
    )


def _second_factor_added(request: PersonRequest, *, secret: str, step: int) -> HttpResponse:
    try:
        codes = actions.add_second_factor(request.user, secret=secret, step=step, now=clock.now())
    except actions.Refused as refusal:
        messages.info(request, str(refusal))
        return redirect("profile")
    request.session.pop(OFFERED_SECRET, None)
    return render(request, "accounts/recovery_codes.html", {"text": "\n".join(codes)})


def _offered_secret(request: HttpRequest) -> str:
    """The secret on the screen, kept sealed between showing it and the first code."""
    if OFFERED_SECRET not in request.session:
        request.session[OFFERED_SECRET] = seal(totp.new_secret())
    return unseal(request.session[OFFERED_SECRET])


@signed_in
@sensitive_post_parameters("current")
def second_factor_remove(request: PersonRequest) -> HttpResponse:
    if not request.user.has_second_factor:
        messages.info(request, "You have no second factor.")
        return redirect("profile")
    form = CurrentPasswordForm(posted(request), check=partial(check_own, request))
    if form.is_valid():
        actions.remove_second_factor(request.user, now=clock.now())
        messages.success(request, "Your second factor is removed. Your password alone opens the door again.")
        return redirect("profile")
    return form_page(request, "accounts/second_factor_remove.html", form)
