"""Build the walls of clearing: what the database itself refuses, whatever the Python says.

Nothing here runs with rights of its own (no SECURITY DEFINER): a purge is lawful where a seal says so, and a seal
says so only when its rows are old enough and nobody holds them.
"""

from django.db import migrations

from accounts.tenancy import append_only, same_workspace, wall

TABLES = (
    "seller",
    "attestation",
    "callernumber",
    "consent",
    "suppression",
    "suppressionlift",
    "clearance",
    "refusalrepeat",
    "clearanceend",
    "conversation",
    "ledgerseal",
    "ledgerentry",
    "legalhold",
    "workspacepolicy",
    "openhours",
)
CHILDREN = (
    ("attestation", "seller_id", "compliance_seller"),
    ("callernumber", "seller_id", "compliance_seller"),
    ("consent", "seller_id", "compliance_seller"),
    ("consent", "supersedes_id", "compliance_consent"),
    ("consent", "api_key_id", "accounts_apikey"),
    ("suppression", "api_key_id", "accounts_apikey"),
    ("suppressionlift", "suppression_id", "compliance_suppression"),
    ("clearance", "seller_id", "compliance_seller"),
    ("refusalrepeat", "clearance_id", "compliance_clearance"),
    ("conversation", "clearance_id", "compliance_clearance"),
)

PURGED = """
CREATE FUNCTION compliance_purged(of_workspace bigint, of_kind text, of_row bigint) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM compliance_ledgerentry AS entry JOIN compliance_ledgerseal AS seal
            ON seal.workspace_id = entry.workspace_id
            AND entry.sequence BETWEEN seal.first_sequence AND seal.last_sequence
        WHERE entry.workspace_id = of_workspace AND entry.kind = of_kind AND entry.row_id = of_row
          AND seal.purged_at IS NOT NULL
    )
$$
"""

CLEARANCE_IS_KEPT = """
CREATE FUNCTION compliance_clearance_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was compliance_clearance;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION 'clearances are append-only' USING ERRCODE = 'restrict_violation';
    ELSIF TG_OP = 'DELETE' THEN
        IF NOT compliance_purged(OLD.workspace_id, 'JUDGED', OLD.id) THEN
            RAISE EXCEPTION 'clearances are kept: only a purged batch may go' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN OLD;
    END IF;
    -- Whatever columns there will be: all but these three were judged and stay as they were.
    was := OLD;
    was.state := NEW.state;
    was.used_at := NEW.used_at;
    was.lapsed_at := NEW.lapsed_at;
    IF was IS DISTINCT FROM NEW OR OLD.state <> 'GRANTED' OR NEW.state NOT IN ('USED', 'LAPSED') THEN
        RAISE EXCEPTION 'a clearance does not change, but for GRANTED to USED or LAPSED, once'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$
"""

END_IS_WRITTEN = """
CREATE FUNCTION compliance_clearance_end_is_written() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO compliance_clearanceend (workspace_id, clearance_id, state, at)
    VALUES (NEW.workspace_id, NEW.id, NEW.state, coalesce(NEW.used_at, NEW.lapsed_at));
    RETURN NULL;
END $$
"""

END_IS_KEPT = """
CREATE FUNCTION compliance_clearance_end_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND pg_trigger_depth() > 1 THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' AND compliance_purged(OLD.workspace_id, 'ENDED', OLD.id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'ends of clearances are append-only, and written by their clearance alone'
        USING ERRCODE = 'restrict_violation';
END $$
"""

CONVERSATION_IS_KEPT = """
CREATE FUNCTION compliance_conversation_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND compliance_purged(OLD.workspace_id, 'JUDGED', OLD.clearance_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'conversations are append-only' USING ERRCODE = 'restrict_violation';
END $$
"""

REPEAT_ONLY_GROWS = """
CREATE FUNCTION compliance_repeat_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.clearance_id = OLD.clearance_id AND NEW.count > OLD.count THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' AND compliance_purged(OLD.workspace_id, 'JUDGED', OLD.clearance_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the count of a repeated refusal only grows' USING ERRCODE = 'restrict_violation';
END $$
"""

ENTRY_IS_KEPT = """
CREATE FUNCTION compliance_entry_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND compliance_purged(OLD.workspace_id, OLD.kind, OLD.row_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'ledger entries are append-only' USING ERRCODE = 'restrict_violation';
END $$
"""

SEAL_IS_KEPT = """
CREATE FUNCTION compliance_seal_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was compliance_ledgerseal;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        was := OLD;
        was.purged_at := NEW.purged_at;
        IF was IS NOT DISTINCT FROM NEW AND OLD.purged_at IS NULL
            AND NEW.purged_at >= OLD.newest_at + interval '5 years'
            AND NOT EXISTS (
                SELECT 1 FROM compliance_legalhold WHERE workspace_id = NEW.workspace_id AND released_at IS NULL
            )
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'a seal is kept for ever; its rows may be purged five years after the last use, without legal hold'
        USING ERRCODE = 'restrict_violation';
END $$
"""

# Whoever writes a row of the ledger holds this for reading until they commit. The sealer takes it whole for a moment:
# when it has it, no row with a lower id is still on its way. Taken before the row draws its id.
WRITER_IS_KNOWN = """
CREATE FUNCTION compliance_ledger_writer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(
        1818584167, coalesce(nullif(current_setting('callwright.workspace_id', true), '')::bigint % 2147483647, 0)::int
    );
    RETURN NULL;
END $$
"""


def guard(table: str, function: str, *, on: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        sql=[
            f"CREATE TRIGGER {function}_row BEFORE {on} ON {table} FOR EACH ROW EXECUTE FUNCTION {function}()",
            f"CREATE TRIGGER {function}_whole BEFORE TRUNCATE ON {table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
        ],
        reverse_sql=[f"DROP TRIGGER {function}_whole ON {table}", f"DROP TRIGGER {function}_row ON {table}"],
    )


def function(sql: str, name: str, arguments: str = "") -> migrations.RunSQL:
    return migrations.RunSQL(sql=[sql], reverse_sql=[f"DROP FUNCTION {name}({arguments})"])


def announced(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        sql=[
            f"CREATE TRIGGER ledger_writer BEFORE INSERT ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION compliance_ledger_writer()"
        ],
        reverse_sql=[f"DROP TRIGGER ledger_writer ON {table}"],
    )


class Migration(migrations.Migration):
    dependencies = [("compliance", "0010_clearing")]

    operations = [
        *(wall(f"compliance_{table}") for table in TABLES),
        *(
            same_workspace(child=f"compliance_{child}", column=column, parent=parent)
            for child, column, parent in CHILDREN
        ),
        append_only("compliance_consent"),
        append_only("compliance_suppression"),
        append_only("compliance_suppressionlift"),
        function(PURGED, "compliance_purged", "bigint, text, bigint"),
        function(CLEARANCE_IS_KEPT, "compliance_clearance_is_kept"),
        function(END_IS_WRITTEN, "compliance_clearance_end_is_written"),
        function(END_IS_KEPT, "compliance_clearance_end_is_kept"),
        function(CONVERSATION_IS_KEPT, "compliance_conversation_is_kept"),
        function(REPEAT_ONLY_GROWS, "compliance_repeat_only_grows"),
        function(ENTRY_IS_KEPT, "compliance_entry_is_kept"),
        function(SEAL_IS_KEPT, "compliance_seal_is_kept"),
        function(WRITER_IS_KNOWN, "compliance_ledger_writer"),
        guard("compliance_clearance", "compliance_clearance_is_kept", on="UPDATE OR DELETE"),
        guard("compliance_clearanceend", "compliance_clearance_end_is_kept", on="INSERT OR UPDATE OR DELETE"),
        guard("compliance_conversation", "compliance_conversation_is_kept", on="UPDATE OR DELETE"),
        guard("compliance_refusalrepeat", "compliance_repeat_only_grows", on="UPDATE OR DELETE"),
        guard("compliance_ledgerentry", "compliance_entry_is_kept", on="UPDATE OR DELETE"),
        guard("compliance_ledgerseal", "compliance_seal_is_kept", on="UPDATE OR DELETE"),
        announced("compliance_clearance"),
        announced("compliance_clearanceend"),
        migrations.RunSQL(
            sql=[
                "CREATE TRIGGER clearance_end AFTER UPDATE OF state ON compliance_clearance"
                " FOR EACH ROW EXECUTE FUNCTION compliance_clearance_end_is_written()",
                # The sealer takes what is new by id, workspace by workspace.
                "CREATE INDEX compliance_clearanceend_in_workspace ON compliance_clearanceend (workspace_id, id)",
            ],
            reverse_sql=[
                "DROP INDEX compliance_clearanceend_in_workspace",
                "DROP TRIGGER clearance_end ON compliance_clearance",
            ],
        ),
    ]
