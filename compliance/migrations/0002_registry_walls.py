"""Build the walls of the registries: what the database itself refuses."""

from django.db import migrations

from accounts.tenancy import same_workspace, wall

TABLES = ("registry", "registrysnapshot", "registryblock", "litigatorrow", "reassignedresult", "registrypart")
CHILDREN = TABLES[2:]
# The same wall, whose setting is read once a statement and not once a look-up: a tenth of what a look-up costs.
_OURS = "workspace_id = (SELECT nullif(current_setting('callwright.workspace_id', true), '')::bigint)"


class Migration(migrations.Migration):
    dependencies = [("compliance", "0001_registries")]

    operations = [
        *(wall(f"compliance_{table}") for table in TABLES),
        same_workspace(child="compliance_registrysnapshot", column="registry_id", parent="compliance_registry"),
        same_workspace(child="compliance_registrysnapshot", column="base_id", parent="compliance_registrysnapshot"),
        same_workspace(child="compliance_registrysnapshot", column="root_id", parent="compliance_registrysnapshot"),
        same_workspace(child="compliance_registry", column="current_id", parent="compliance_registrysnapshot"),
        *(
            same_workspace(child=f"compliance_{table}", column="snapshot_id", parent="compliance_registrysnapshot")
            for table in CHILDREN
        ),
        migrations.RunSQL(
            sql=[
                f"ALTER POLICY wall ON compliance_registryblock USING ({_OURS}) WITH CHECK ({_OURS})",
                "ALTER TABLE compliance_registryblock ADD CONSTRAINT block_is_ten_thousand_bits"
                " CHECK (octet_length(bits) = 1250 AND prefix BETWEEN 0 AND 999999)",
                "ALTER TABLE compliance_registrysnapshot ADD CONSTRAINT snapshot_coverage_is_a_thousand_bits"
                " CHECK (octet_length(coverage) = CASE WHEN state IN ('CURRENT', 'REPLACED') THEN 125"
                " ELSE octet_length(coverage) END)",
                # Bits are read by position; a look at one never takes the row's other bytes apart.
                "ALTER TABLE compliance_registryblock ALTER COLUMN bits SET STORAGE PLAIN",
            ],
            reverse_sql=[
                "ALTER TABLE compliance_registryblock ALTER COLUMN bits SET STORAGE EXTENDED",
                "ALTER TABLE compliance_registrysnapshot DROP CONSTRAINT snapshot_coverage_is_a_thousand_bits",
                "ALTER TABLE compliance_registryblock DROP CONSTRAINT block_is_ten_thousand_bits",
            ],
        ),
    ]
