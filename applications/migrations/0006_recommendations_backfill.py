from django.db import migrations


def name_units(apps, schema_editor):
    """Versions submitted before know their recommending unit by name only."""
    Submission = apps.get_model("applications", "Submission")
    for unit in apps.get_model("applications", "RecommendingUnit").objects.all():
        Submission.objects.filter(recommending_unit=None, data__recommending_unit=unit.name).update(
            recommending_unit=unit
        )


class Migration(migrations.Migration):
    dependencies = [("applications", "0005_recommendations")]

    operations = [migrations.RunPython(name_units, migrations.RunPython.noop)]
