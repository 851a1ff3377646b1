import secrets
import string
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.roles import Permission, Role, allows
from accounts.sealing import seal, unseal
from accounts.tenancy import TenantModel

_LETTERS = string.ascii_lowercase + string.digits


def new_code(length: int = 10) -> str:
    """A short public name for a row: says nothing, and is never reused."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def new_api_key_code() -> str:
    return new_code(12)


class UserManager(BaseUserManager["User"]):
    def create_user(self, *, email: str, name: str, password: str | None, joined_at: datetime) -> "User":
        person = self.model(email=self.normalize_email(email), name=name, joined_at=joined_at)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A colleague who signs in. Belongs to no workspace; memberships say where they may go."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True, help_text="Unticked: cannot sign in.")
    is_staff = models.BooleanField(default=False, help_text="May open the admin and start workspaces.")
    joined_at = models.DateTimeField()
    sealed_totp = models.TextField(blank=True, editable=False)
    totp_step = models.BigIntegerField(default=0, editable=False)  # the last code's time step: a code works once

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name, verbose_name_plural = "person", "people"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def has_second_factor(self) -> bool:
        return bool(self.sealed_totp)

    @property
    def totp_secret(self) -> str:
        return unseal(self.sealed_totp) if self.sealed_totp else ""

    @totp_secret.setter
    def totp_secret(self, secret: str) -> None:
        self.sealed_totp = seal(secret) if secret else ""


class RecoveryCode(models.Model):
    """Opens the door once in place of a code from the phone. Eighty random bits, of which the hash is kept."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    code_hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class Workspace(models.Model):
    class Kind(models.TextChoices):
        PRACTICE = "PRACTICE", "Practice"
        LIVE = "LIVE", "Live"

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=40, unique=True)
    code = models.CharField(max_length=10, unique=True, default=new_code, editable=False)
    # Fixed at creation: a trigger refuses to change it, so that practice never turns into the real thing.
    kind = models.CharField(max_length=8, choices=Kind, editable=False)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(name="workspace_kind", condition=Q(kind__in=["PRACTICE", "LIVE"]))]

    def __str__(self) -> str:
        return self.name

    @property
    def is_practice(self) -> bool:
        return self.kind == self.Kind.PRACTICE


class Membership(TenantModel):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=[(role.value, role.title()) for role in Role])
    joined_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} as {self.get_role_display().lower()}"

    def allows(self, permission: Permission) -> bool:
        return allows(self.role, permission)


class Invitation(TenantModel):
    """An open hand to a colleague. The link carries the token; only its hash is kept."""

    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=[(role.value, role.title()) for role in Role])
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # by the world's clocks: the colleague lives by those
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "workspace",
                Lower("email"),
                name="invitation_open_once",
                condition=Q(accepted_at=None, withdrawn_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display().lower()}"

    def is_open(self, *, real: datetime) -> bool:
        return self.accepted_at is None and self.withdrawn_at is None and real < self.expires_at


class ApiKey(TenantModel):
    """A program's way in. Shown once; the database keeps a hash of its secret."""

    name = models.CharField(max_length=80)
    code = models.CharField(max_length=12, unique=True, default=new_api_key_code, editable=False)
    secret_hash = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(models.CharField(max_length=40))
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint("workspace", Lower("name"), name="api_key_name_once", condition=Q(revoked_at=None))
        ]

    def __str__(self) -> str:
        return self.name


class AuditEntry(TenantModel):
    """One line of who did what. Append-only: the database refuses to change or remove it."""

    at = models.DateTimeField()
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    api_key = models.ForeignKey(ApiKey, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=60)  # noun.participle: "member.invited"
    subject = models.CharField(max_length=200, blank=True)  # in words a person reads
    details = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["workspace", "-id"], name="audit_newest_first"),
            models.Index(fields=["workspace", "verb", "-id"], name="audit_by_verb"),
            models.Index(fields=["workspace", "user", "-id"], name="audit_by_person"),
            models.Index(fields=["workspace", "at"], name="audit_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject}".strip()

    @property
    def actor(self) -> str:
        return str(self.user or self.api_key or "Callwright")


class IdempotentReply(TenantModel):
    """What an API operation answered, so that the same request asked again gets the same answer and no second deed."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=80, blank=True)
    body = models.BinaryField(default=b"")
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "idempotent replies"
        constraints = [models.UniqueConstraint(fields=["api_key", "key"], name="idempotent_reply_once")]
        indexes = [models.Index(fields=["at"], name="idempotent_reply_age")]

    def __str__(self) -> str:
        return self.key


class SignInAttempt(models.Model):
    """A failed try at the door, by keyed hash of the account and of the address; kept a day, for the rate limit."""

    account = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"], name="attempt_by_account"),
            models.Index(fields=["address", "at"], name="attempt_by_address"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}"
