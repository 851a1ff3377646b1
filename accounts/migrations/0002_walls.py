"""Build the walls: what the database itself refuses."""

from django.db import migrations

from accounts.tenancy import append_only, same_workspace, wall

KIND_IS_FIXED = """
CREATE FUNCTION workspace_kind_is_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind IS DISTINCT FROM OLD.kind OR NEW.code IS DISTINCT FROM OLD.code THEN
        RAISE EXCEPTION 'the kind and code of a workspace are fixed at its creation'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        wall("accounts_membership", own_rows=True),
        wall("accounts_invitation"),
        wall("accounts_apikey"),
        wall("accounts_auditentry"),
        wall("accounts_idempotentreply"),
        same_workspace(child="accounts_auditentry", column="api_key_id", parent="accounts_apikey"),
        same_workspace(child="accounts_idempotentreply", column="api_key_id", parent="accounts_apikey"),
        append_only("accounts_auditentry"),
        migrations.RunSQL(
            sql=[
                KIND_IS_FIXED,
                "CREATE TRIGGER kind_is_fixed BEFORE UPDATE ON accounts_workspace"
                " FOR EACH ROW EXECUTE FUNCTION workspace_kind_is_fixed()",
            ],
            reverse_sql=[
                "DROP TRIGGER kind_is_fixed ON accounts_workspace",
                "DROP FUNCTION workspace_kind_is_fixed()",
            ],
        ),
    ]
