"""The walls, tried from inside the database: what a forgotten filter would show, and what it would write."""

import threading

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, InternalError, ProgrammingError, connection, models, transaction
from django.db.utils import DatabaseError

from accounts import audit
from accounts.models import ApiKey, AuditEntry, IdempotentReply, Membership, User, Workspace
from accounts.roles import Role
from accounts.tenancy import CrossedWall, TenantModel, as_user, in_workspace
from tests.conftest import NOW, SUPERUSER_URL, member, workspace
from tests.servers import database_of_this_process, on_database


def tenant_models() -> list[type[models.Model]]:
    return [
        model
        for model in apps.get_models()
        if any(field.name == "workspace" for field in model._meta.get_fields() if field.concrete)
    ]


def make_key(of: Workspace, by: User) -> ApiKey:
    with in_workspace(of.pk):
        return ApiKey.objects.create(
            workspace=of, name="CRM", secret_hash="0" * 64, scopes=[], created_by=by, created_at=NOW
        )


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_every_tenant_table_has_a_forced_wall(model: type[models.Model], db: None) -> None:
    assert issubclass(model, TenantModel)
    assert not model._meta.get_field("workspace").null
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relrowsecurity, relforcerowsecurity,"
            " (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid AND polcmd = '*' AND polwithcheck IS NOT NULL)"
            " FROM pg_class c WHERE relname = %s",
            [model._meta.db_table],
        )
        assert cursor.fetchone() == (True, True, 1)


def test_every_child_of_a_tenant_row_is_held_to_its_workspace_by_the_database(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f'"
        )
        keys = cursor.fetchall()
    for model in tenant_models():
        for field in model._meta.get_fields():
            if not isinstance(field, models.ForeignKey) or field.related_model not in tenant_models():
                continue
            if not getattr(field, "db_constraint", True):  # a trigger writes such rows, from the parent
                continue
            wanted = f"FOREIGN KEY (workspace_id, {field.column})"
            assert any(t == model._meta.db_table and wanted in d for t, d in keys), f"{model.__name__}.{field.name}"


def test_the_app_role_owns_nothing_and_cannot_step_over_the_wall(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == (False,)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_no_workspace_set_sees_no_row(model: type[models.Model], olive: User, harbor: Workspace) -> None:
    with in_workspace(harbor.pk):
        audit.record("member.invited", now=NOW, user=olive)
    assert model._default_manager.count() == 0


def test_one_workspace_sees_only_its_own_rows(olive: User, sam: User, harbor: Workspace) -> None:
    with in_workspace(harbor.pk):
        assert [m.user for m in Membership.objects.all()] == [olive]


def test_one_workspace_cannot_write_into_another(olive: User, sam: User, harbor: Workspace, summit: Workspace) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), in_workspace(harbor.pk):
        AuditEntry.objects.create(workspace=summit, at=NOW, verb="member.invited")


def test_one_workspace_cannot_move_its_row_into_another(
    olive: User, sam: User, harbor: Workspace, summit: Workspace
) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), in_workspace(harbor.pk):
        Membership.objects.update(workspace=summit)


def test_a_child_cannot_hang_on_a_parent_of_another_workspace(
    olive: User, sam: User, harbor: Workspace, summit: Workspace
) -> None:
    foreign = make_key(summit, sam)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), in_workspace(harbor.pk):
        IdempotentReply.objects.create(workspace=harbor, api_key=foreign, key="k", fingerprint="f", at=NOW)


def test_a_person_sees_their_own_memberships_everywhere_and_nobody_elses(
    olive: User, sam: User, harbor: Workspace, summit: Workspace
) -> None:
    with in_workspace(summit.pk):
        Membership.objects.create(workspace=summit, user=olive, role="AUDITOR", joined_at=NOW)
    with as_user(olive.pk):
        assert {m.workspace for m in Membership.objects.select_related("workspace")} == {harbor, summit}
        assert {m.user_id for m in Membership.objects.all()} == {olive.pk}


def test_seeing_ones_own_memberships_does_not_allow_changing_them(olive: User) -> None:
    with as_user(olive.pk):
        assert Membership.objects.filter(user=olive).update(role="AUDITOR") == 0


def test_entering_a_second_workspace_from_inside_one_is_refused(harbor: Workspace, summit: Workspace) -> None:
    with in_workspace(harbor.pk), pytest.raises(CrossedWall), in_workspace(summit.pk):
        pass


def test_the_wall_stands_again_after_leaving_even_inside_one_transaction(olive: User, harbor: Workspace) -> None:
    with transaction.atomic():
        with in_workspace(harbor.pk):
            assert Membership.objects.exists()
        assert not Membership.objects.exists()


def test_the_wall_stands_again_after_an_error_inside(olive: User, harbor: Workspace) -> None:
    with pytest.raises(ZeroDivisionError), in_workspace(harbor.pk):
        raise ZeroDivisionError
    assert not Membership.objects.exists()


def test_a_connection_never_carries_the_last_workspace_over(committed_db: None) -> None:
    """Two workspaces take turns on one connection, from many threads: nobody ever sees the other's row."""
    workspaces = [workspace("Harbor Dental"), workspace("Summit Logistics")]
    people = [member(of, name, Role.OWNER) for of, name in zip(workspaces, ["Olive", "Sam"], strict=True)]
    seen_wrong: list[object] = []

    def take_turns() -> None:
        for turn in range(40):
            of, person = workspaces[turn % 2], people[turn % 2]
            with in_workspace(of.pk):
                seen = list(Membership.objects.values_list("user", flat=True))
            seen_wrong.extend([] if seen == [person.pk] else [seen])
            seen_wrong.extend(Membership.objects.all())
        connection.close()

    threads = [threading.Thread(target=take_turns) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert seen_wrong == []


def test_the_wall_stands_again_once_the_transaction_ends_however_it_ends(committed_db: None) -> None:
    harbor = workspace("Harbor Dental")
    member(harbor, "Olive Owens", Role.OWNER)
    with in_workspace(harbor.pk):
        assert Membership.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("COMMIT")
        assert not Membership.objects.exists()


@pytest.mark.parametrize("change", ["UPDATE accounts_auditentry SET verb = 'x'", "DELETE FROM accounts_auditentry"])
def test_the_audit_log_cannot_be_rewritten(change: str, olive: User, harbor: Workspace) -> None:
    with in_workspace(harbor.pk):
        audit.record("member.invited", now=NOW, user=olive)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)
        assert AuditEntry.objects.get().verb == "member.invited"


@pytest.mark.parametrize(
    "change", ["UPDATE accounts_auditentry SET verb = 'x'", "TRUNCATE accounts_auditentry CASCADE"]
)
def test_not_even_the_owner_of_the_tables_rewrites_the_audit_log(change: str, committed_db: None) -> None:
    harbor = workspace("Harbor Dental")
    with in_workspace(harbor.pk):
        audit.record("member.invited", now=NOW)
    with (
        psycopg.connect(on_database(SUPERUSER_URL, database_of_this_process())) as superuser,
        pytest.raises(psycopg.errors.RestrictViolation, match="append-only"),
    ):
        superuser.execute(change)


def test_a_workspace_never_changes_from_practice_to_live(harbor: Workspace) -> None:
    with pytest.raises((IntegrityError, InternalError, DatabaseError), match="fixed"), transaction.atomic():
        Workspace.objects.filter(pk=harbor.pk).update(kind="LIVE")


def test_audit_entries_are_not_written_outside_a_workspace(db: None) -> None:
    with pytest.raises(CrossedWall):
        audit.record("member.invited", now=NOW)
