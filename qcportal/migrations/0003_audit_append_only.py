"""The database itself refuses to change audit rows, whoever asks.

Deleting is refused on PostgreSQL only: test cases empty SQLite tables with DELETE.
"""

from django.db import migrations

SQLITE = """
CREATE TRIGGER audit_no_update BEFORE UPDATE ON qcportal_auditevent
BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END
"""
POSTGRESQL = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit rows are append-only'; END $$;
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON qcportal_auditevent
FOR EACH ROW EXECUTE FUNCTION audit_append_only();
"""


def create(apps, schema_editor):
    schema_editor.execute(POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE)


def remove(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER audit_no_change ON qcportal_auditevent")
        schema_editor.execute("DROP FUNCTION audit_append_only()")
    else:
        schema_editor.execute("DROP TRIGGER audit_no_update")


class Migration(migrations.Migration):
    dependencies = [("qcportal", "0002_roles")]
    operations = [migrations.RunPython(create, remove)]
