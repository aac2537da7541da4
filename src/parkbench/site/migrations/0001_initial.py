"""What a running node remembers of its own running."""

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Lease",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("holder", models.CharField(max_length=64)),
                ("until_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Mark",
            fields=[
                ("name", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("text", models.CharField(blank=True, max_length=400)),
                ("at", models.DateTimeField()),
            ],
        ),
    ]
