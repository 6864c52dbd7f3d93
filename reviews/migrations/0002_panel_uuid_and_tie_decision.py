import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def give_uuids(apps, schema_editor):
    """A default would be computed once for all existing rows."""
    panel_model = apps.get_model("reviews", "Panel")
    for panel in panel_model.objects.filter(uuid=None):
        panel.uuid = uuid.uuid4()
        panel.save(update_fields=["uuid"])


class Migration(migrations.Migration):
    dependencies = [
        ("applications", "0002_initial"),
        ("reviews", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="panel", name="uuid", field=models.UUIDField(default=uuid.uuid4, editable=False, null=True)
        ),
        migrations.RunPython(give_uuids, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="panel",
            name="uuid",
            field=models.UUIDField(default=uuid.uuid4, editable=False, unique=True),
        ),
        migrations.CreateModel(
            name="TieDecision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(help_text="1 在前", verbose_name="同分中的先后")),
                ("reason", models.TextField(max_length=500, verbose_name="合议理由")),
                ("decided_at", models.DateTimeField(editable=False, verbose_name="记录时间")),
                (
                    "application",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tie_decision",
                        to="applications.application",
                        verbose_name="申报",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="记录人",
                    ),
                ),
                (
                    "round",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tie_decisions",
                        to="applications.round",
                        verbose_name="期",
                    ),
                ),
            ],
            options={
                "verbose_name": "同分合议",
                "verbose_name_plural": "同分合议",
                "ordering": ["round", "position"],
            },
        ),
    ]
