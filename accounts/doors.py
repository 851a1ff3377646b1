"""The doors of the pages. Every view stands behind exactly one of them, and a test walks them all."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from accounts import access
from accounts.models import Membership, User, Workspace
from accounts.roles import Permission
from accounts.tenancy import in_workspace

P = ParamSpec("P")
ADMIN_WORKSPACE = "admin_workspace"  # session key: the slug the admin is scoped to
LAST_WORKSPACE = "last_workspace"


@dataclass(frozen=True)
class Door:
    kind: str  # "public", "signed_in", "workspace"
    permission: Permission | None = None
    post_only: bool = False


class PersonRequest(HttpRequest):
    """A request of somebody signed in."""

    user: User


class WorkspaceRequest(PersonRequest):
    """A request of a member, inside the workspace's transaction."""

    workspace: Workspace
    membership: Membership


PersonView = Callable[Concatenate[PersonRequest, P], HttpResponse]
WorkspaceView = Callable[Concatenate[WorkspaceRequest, P], HttpResponse]
Doorway = Callable[..., HttpResponseBase]


def public(view: Doorway) -> Doorway:
    """Anybody may come in. Says so aloud, so that a view without a door is a mistake a test can see."""
    view.door = Door("public")  # type: ignore[attr-defined]
    return view


def signed_in(view: PersonView[P]) -> Doorway:
    @wraps(view)
    def doorway(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    doorway.door = Door("signed_in")  # type: ignore[attr-defined]
    return doorway


def page(permission: Permission = Permission.SEE) -> Callable[[WorkspaceView[P]], Doorway]:
    """A page of one workspace, for members whose role allows it, in one transaction behind the wall."""
    return _workspace_door(Door("workspace", permission))


def verb(permission: Permission) -> Callable[[WorkspaceView[P]], Doorway]:
    """A button: the same door, by POST alone."""
    return _workspace_door(Door("workspace", permission, post_only=True))


def _workspace_door(door: Door) -> Callable[[WorkspaceView[P]], Doorway]:
    def decorate(view: WorkspaceView[P]) -> Doorway:
        @wraps(view)
        def doorway(request: Any, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            membership = access.access_membership(request.user, slug=slug)
            if door.permission and not membership.allows(door.permission):
                raise PermissionDenied("Your role in this workspace does not allow this.")
            if door.post_only and request.method != "POST":
                return HttpResponseNotAllowed(["POST"])
            _enter(request, membership)
            with in_workspace(membership.workspace_id):
                return view(request, *args, **kwargs)

        doorway.door = door  # type: ignore[attr-defined]
        return doorway

    return decorate


def _enter(request: Any, membership: Membership) -> None:
    request.membership, request.workspace = membership, membership.workspace
    if request.session.get(LAST_WORKSPACE) != membership.workspace.slug:
        request.session[LAST_WORKSPACE] = request.session[ADMIN_WORKSPACE] = membership.workspace.slug


def admin_door(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[Any], Any]:
    """The admin's wall: staff see, and change, only the workspace they came from."""

    def middleware(request: Any) -> Any:
        slug = request.session.get(ADMIN_WORKSPACE) if request.path.startswith("/admin/") else None
        if not slug or not request.user.is_authenticated or not request.user.is_staff:
            return get_response(request)
        membership = access.access_membership(request.user, slug=slug)
        request.membership, request.workspace = membership, membership.workspace
        with in_workspace(membership.workspace_id):
            response: Any = get_response(request)
            # The admin answers lazily; what it renders must be read behind the same wall.
            return response.render() if hasattr(response, "render") and not response.is_rendered else response

    return middleware
