"""The one row of what a node says of itself."""

from django.db import migrations


def add(apps, schema_editor):
    apps.get_model("exchange", "ExchangeState").objects.create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]
    operations = [migrations.RunPython(add, migrations.RunPython.noop)]
