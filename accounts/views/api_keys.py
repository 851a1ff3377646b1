from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from accounts import access, actions
from accounts.doors import WorkspaceRequest, page, verb
from accounts.forms import ApiKeyForm
from accounts.models import ApiKey
from accounts.roles import Permission
from accounts.views.pages import form_page, posted
from config import clock


@page()
def api_keys(request: WorkspaceRequest) -> HttpResponse:
    keys = ApiKey.objects.select_related("created_by")
    context = {
        "active": keys.filter(revoked_at=None),
        "revoked": keys.exclude(revoked_at=None).order_by("-revoked_at")[:50],
        "now": clock.now(),
    }
    return render(request, "accounts/api_keys.html", context)


@page(Permission.MANAGE_KEYS)
@never_cache
def create_api_key(request: WorkspaceRequest) -> HttpResponse:
    form = ApiKeyForm(posted(request))
    if form.is_valid():
        try:
            api_key, text = actions.create_api_key(
                workspace=request.workspace, by=request.user, now=clock.now(), **form.cleaned_data
            )
        except actions.Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            # Shown on this page and never again: it goes into no session, no address and no log.
            return render(request, "accounts/api_key_created.html", {"api_key": api_key, "text": text})
    return form_page(request, "accounts/create_api_key.html", form)


@verb(Permission.MANAGE_KEYS)
def revoke_api_key(request: WorkspaceRequest, api_key_id: int) -> HttpResponse:
    api_key = access.access_api_key(api_key_id)
    try:
        actions.revoke_api_key(api_key, by=request.user, now=clock.now())
    except actions.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{api_key.name} is revoked. Whatever still uses it is refused.")
    return redirect("api_keys", slug=request.workspace.slug)
