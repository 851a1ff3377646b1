"""What the doorways of accounts have in common."""

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

UNPROCESSABLE = 422


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is to be bound to: nothing, unless something was sent."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest, template: str, form: Form, *, status: int | None = None, **context: object
) -> HttpResponse:
    """Show a form; one that came back with errors keeps what was typed and says so in its status."""
    refused = form.is_bound and not form.is_valid()
    return render(request, template, {"form": form, **context}, status=status or (UNPROCESSABLE if refused else 200))


def next_page(request: HttpRequest) -> str:
    """Where somebody wanted to go before they were asked to sign in, if that is here."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else reverse("home")
