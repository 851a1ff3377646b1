from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_POST, require_safe

from accounts.doors import public
from config.looks import themes
from config.looks.style_page import style_context


@public
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or auto, and go back to where the person was."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    chosen = request.POST.get("theme", "auto")
    if chosen in themes.THEMES:
        response.set_cookie(
            themes.COOKIE,
            chosen,
            max_age=themes.KEPT_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return response


@public
@require_safe
def style_page(request: HttpRequest) -> HttpResponse:
    """Every piece of the look, alive. For those who build pages; only where DEBUG is on."""
    return render(request, "style/page.html", style_context(request))


@public
@require_safe
def style_bare(request: HttpRequest) -> HttpResponse:
    return render(request, "style/bare.html", style_context(request))


@public
@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 - Django's signature
    return render(request, "403_csrf.html", status=403)
