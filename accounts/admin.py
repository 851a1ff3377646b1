"""Every noun of accounts, for staff: to read and to search. Deeds with rules of their own are done on the pages."""

from collections.abc import Iterable
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import actions, audit
from accounts.models import (
    ApiKey,
    AuditEntry,
    IdempotentReply,
    Invitation,
    Membership,
    RecoveryCode,
    SignInAttempt,
    User,
    Workspace,
)
from accounts.roles import Role
from accounts.tenancy import current_workspace_id
from config import clock

Noun = TypeVar("Noun", bound=Model)


class NounAdmin(admin.ModelAdmin[Noun]):
    """Shows one workspace's rows (the database's wall sees to it), and keeps its history in the audit log."""

    list_per_page = 50
    show_full_result_count = False

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        self._record("added", request, obj)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        self._record("changed", request, obj, fields=_changed_fields(message))

    def log_deletions(self, request: HttpRequest, queryset: Iterable[Any]) -> None:  # type: ignore[override]
        for obj in queryset:
            self._record("deleted", request, obj)

    def _record(self, participle: str, request: HttpRequest, obj: Model, *, fields: list[str] | None = None) -> None:
        noun = str(obj._meta.verbose_name).replace(" ", "_")
        verb = f"{noun}.{participle}_in_admin"
        audit.record(verb, now=clock.now(), user=_staff(request), subject=obj, id=obj.pk, fields=fields or [])

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit log is the history; there is no second one."""
        obj = self.get_object(request, object_id)
        return redirect(f"{reverse('admin:accounts_auditentry_changelist')}?q={obj or ''}")

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        if db_field.related_model is Workspace:
            kwargs |= {"queryset": _this_workspace(), "initial": _workspace_id()}
        elif db_field.related_model is User:
            kwargs["queryset"] = _people_of_this_workspace()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class ReadOnlyAdmin(NounAdmin[Noun]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EditableAdmin(NounAdmin[Noun]):
    """Some fields may be put right; rows come and go through the product's own pages."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def _workspace_id() -> int:
    return current_workspace_id() or 0  # nothing has the number 0


def _this_workspace() -> QuerySet[Workspace]:
    return Workspace.objects.filter(pk=_workspace_id())


def _people_of_this_workspace() -> QuerySet[User]:
    # Membership stands behind the wall: without a workspace there is nobody.
    return User.objects.filter(pk__in=Membership.objects.filter(workspace=_workspace_id()).values("user"))


def _staff(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def _changed_fields(message: Any) -> list[str]:
    """Which fields a change touched, by name; never what stood in them."""
    parts = message if isinstance(message, list) else []
    return [field for part in parts for field in part.get("changed", {}).get("fields", [])]


class PersonForm(ModelForm[User]):
    def clean_is_active(self) -> bool:
        active: bool = self.cleaned_data["is_active"]
        places = Membership.objects.filter(workspace=_workspace_id(), user=self.instance, role=Role.OWNER)
        for owned in places if not active else ():
            try:
                actions.keep_an_owner_besides(owned)
            except actions.Refused as refusal:
                raise ValidationError(str(refusal)) from None
        return active


# Rights in the admin are all or nothing; the roles of a workspace say the rest.
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(EditableAdmin[User]):
    form = PersonForm
    list_display = ["name", "email", "is_active", "is_staff", "second_factor", "joined_at", "last_login"]
    list_filter = ["is_active", "is_staff"]
    search_fields = ["name", "email"]
    ordering = ["name"]
    # No password, no secret, and no address: whoever changes the address of an account owns the account.
    fields = ["name", "email", "is_active", "is_staff", "is_superuser", "second_factor", "joined_at", "last_login"]
    readonly_fields = ["email", "second_factor", "joined_at", "last_login"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request) & _people_of_this_workspace()

    @admin.display(boolean=True, description="Second factor")
    def second_factor(self, person: User) -> bool:
        return person.has_second_factor


@admin.register(Workspace)
class WorkspaceAdmin(EditableAdmin[Workspace]):
    list_display = ["name", "slug", "kind", "code", "created_at"]
    search_fields = ["name", "slug"]
    fields = ["name", "slug", "kind", "code", "created_at"]
    readonly_fields = ["slug", "kind", "code", "created_at"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        return super().get_queryset(request).filter(pk=_workspace_id())


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin[Membership]):
    list_display = ["user", "role", "joined_at"]
    list_filter = ["role"]
    search_fields = ["user__name", "user__email"]
    list_select_related = ["user"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin[Invitation]):
    list_display = ["email", "role", "invited_by", "invited_at", "expires_at", "accepted_at", "withdrawn_at"]
    list_filter = ["role"]
    search_fields = ["email"]
    date_hierarchy = "invited_at"
    exclude = ["token_hash"]


@admin.register(ApiKey)
class ApiKeyAdmin(EditableAdmin[ApiKey]):
    list_display = ["name", "code", "scopes", "created_by", "created_at", "last_used_at", "revoked_at"]
    search_fields = ["name", "code"]
    fields = ["name", "code", "scopes", "workspace", "created_by", "created_at", "last_used_at", "revoked_at"]
    readonly_fields = ["code", "scopes", "workspace", "created_by", "created_at", "last_used_at", "revoked_at"]


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    list_display = ["at", "actor", "verb", "subject"]
    search_fields = ["verb", "subject", "user__name"]
    date_hierarchy = "at"
    list_select_related = ["user", "api_key"]
    ordering = ["-id"]


@admin.register(IdempotentReply)
class IdempotentReplyAdmin(ReadOnlyAdmin[IdempotentReply]):
    list_display = ["key", "api_key", "status", "at"]
    search_fields = ["key"]
    fields = ["workspace", "api_key", "key", "status", "content_type", "at"]


@admin.register(SignInAttempt)
class SignInAttemptAdmin(ReadOnlyAdmin[SignInAttempt]):
    """Belongs to no workspace; says only when, for the hashes say nothing to a reader."""

    list_display = ["at"]
    date_hierarchy = "at"
    fields = ["at"]
    ordering = ["-at"]


@admin.register(RecoveryCode)
class RecoveryCodeAdmin(ReadOnlyAdmin[RecoveryCode]):
    list_display = ["user"]
    search_fields = ["user__name"]
    fields = ["user"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RecoveryCode]:
        return super().get_queryset(request).filter(user__in=_people_of_this_workspace())
