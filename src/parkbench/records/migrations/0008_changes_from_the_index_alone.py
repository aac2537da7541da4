from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0007_local_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name="section", name="section_by_hand"),
        migrations.AddIndex(
            model_name="section",
            index=models.Index(
                condition=models.Q(("batch__isnull", True)),
                fields=["at", "kind", "home", "batch"],
                name="section_by_hand",
            ),
        ),
    ]
