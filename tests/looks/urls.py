"""The product's addresses and the style page's, which otherwise exist only where DEBUG is on."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from config.looks import views
from config.urls import urlpatterns as product


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404("That campaign was deleted on Monday.")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the machine")


urlpatterns = [
    *product,
    path("style/", views.style_page, name="style"),
    path("style/bare/", views.style_bare, name="style_bare"),
    path("missing/", missing),
    path("broken/", broken),
]
