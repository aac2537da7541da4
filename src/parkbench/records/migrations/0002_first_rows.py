"""The rows that every node has: its home, the register's, the two widest audiences, the gate."""

from django.db import migrations


def add(apps, schema_editor):
    home = apps.get_model("records", "Home")
    home.objects.create(pk=1, address="https://node.invalid", name="This node")
    home.objects.create(pk=2, address="https://register.invalid", name="Shipped register")
    audience = apps.get_model("records", "Audience")
    audience.objects.create(sort="public", name="everybody", bit=0)
    audience.objects.create(sort="partners", name="all partners", bit=1)
    apps.get_model("records", "SharingGate").objects.create(pk=1)
    if schema_editor.connection.vendor == "postgresql":
        # The rows above named their keys themselves: the next home must not collide.
        schema_editor.execute("SELECT setval(pg_get_serial_sequence('records_home', 'id'), 2)")


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
