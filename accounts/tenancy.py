"""The walls between workspaces: one setting per transaction, and policies in the database that read it.

Nothing here trusts a queryset to remember its filter. A transaction without a workspace sees no row of any
tenant table; a transaction inside one sees, and can write, that workspace's rows alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import connection, migrations, models, transaction

_workspace: ContextVar[int | None] = ContextVar("workspace", default=None)


class CrossedWall(Exception):
    """Code inside one workspace tried to enter another."""


class TenantModel(models.Model):
    """A row that belongs to one workspace. Its migration must also build its wall (`wall` below)."""

    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


def current_workspace_id() -> int | None:
    return _workspace.get()


@contextmanager
def in_workspace(workspace_id: int) -> Iterator[None]:
    """Open a transaction that sees this workspace and no other."""
    inside = _workspace.get()
    if inside not in (None, workspace_id):
        raise CrossedWall(f"already inside workspace {inside}, cannot enter {workspace_id}")
    token = _workspace.set(workspace_id)
    try:
        with _setting("callwright.workspace_id", workspace_id):
            yield
    finally:
        _workspace.reset(token)


@contextmanager
def as_user(user_id: int) -> Iterator[None]:
    """Open a transaction that sees one person's own memberships, in whatever workspaces they are."""
    with _setting("callwright.user_id", user_id):
        yield


@contextmanager
def _setting(name: str, value: int) -> Iterator[None]:
    with transaction.atomic():
        before = _configure(name, str(value))
        yield
        # An error rolls the setting back with the transaction. Otherwise it would outlive this block
        # where an outer transaction (a test's, or a nested call's) goes on.
        _configure(name, before)


def _configure(name: str, value: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(current_setting(%(name)s, true), ''), set_config(%(name)s, %(value)s, true)",
            {"name": name, "value": value},
        )
        before, _ = cursor.fetchone() or ("", "")
    return str(before)


def wall(table: str, *, own_rows: bool = False) -> migrations.RunSQL:
    """Build a tenant table's wall. FORCE binds the owner too; `own_rows` also shows a person their own rows."""
    visible = "workspace_id = nullif(current_setting('callwright.workspace_id', true), '')::bigint"
    own = "user_id = nullif(current_setting('callwright.user_id', true), '')::bigint"
    return migrations.RunSQL(
        sql=[
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            f"CREATE POLICY wall ON {table} USING ({visible}) WITH CHECK ({visible})",
            *([f"CREATE POLICY own_rows ON {table} FOR SELECT USING ({own})"] if own_rows else []),
        ],
        reverse_sql=[
            f"DROP POLICY IF EXISTS own_rows ON {table}",
            f"DROP POLICY wall ON {table}",
            f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
        ],
    )


def same_workspace(*, child: str, column: str, parent: str) -> migrations.RunSQL:
    """Let the database refuse a child whose parent lives in another workspace."""
    unique, key = f"{parent}_in_workspace", f"{child}_{column}_same_workspace"
    return migrations.RunSQL(
        sql=[
            f"CREATE UNIQUE INDEX IF NOT EXISTS {unique} ON {parent} (workspace_id, id)",
            f"ALTER TABLE {child} ADD CONSTRAINT {key} FOREIGN KEY (workspace_id, {column})"
            f" REFERENCES {parent} (workspace_id, id) DEFERRABLE INITIALLY DEFERRED",
        ],
        reverse_sql=[f"ALTER TABLE {child} DROP CONSTRAINT {key}"],
    )


def append_only(table: str) -> migrations.RunSQL:
    """Let the database refuse to change or remove a row once written."""
    return migrations.RunSQL(
        sql=[
            f"""
            CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation';
            END $$
            """,
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
            f"CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()",
        ],
        reverse_sql=[
            f"DROP TRIGGER append_only_whole ON {table}",
            f"DROP TRIGGER append_only ON {table}",
            f"DROP FUNCTION {table}_append_only()",
        ],
    )
