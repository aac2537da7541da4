from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("exchange", "0003_former_readers"),
    ]

    operations = [
        migrations.AddField(
            model_name="frozenrecord",
            name="content",
            field=models.JSONField(default=dict),
        ),
    ]
