from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse


class Site(AdminSite):
    site_header = "Callwright"
    site_title = "Callwright admin"
    index_title = "Every noun, for staff"
    enable_nav_sidebar = True

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """There is one way in: the sign-in page, with its limits and its second factor."""
        if request.user.is_authenticated:
            raise PermissionDenied("The admin is for the people who run this installation.")
        return redirect_to_login(request.GET.get("next") or "/admin/")
