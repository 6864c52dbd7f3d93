from datetime import timedelta

from django.db import migrations


def claim_open_checks(apps, schema_editor):
    """Who is checking a filing has claimed it."""
    Claim = apps.get_model("applications", "Claim")
    checks = apps.get_model("applications", "FormalCheck").objects.filter(outcome="")
    Claim.objects.bulk_create(
        [
            Claim(
                application_id=check.application_id,
                holder_id=check.checker_id,
                claimed_at=check.started_at,
                keeps_until=check.started_at + timedelta(hours=2),
            )
            for check in checks.exclude(application__in=Claim.objects.values("application"))
        ],
        batch_size=500,
    )


def count_explained(apps, schema_editor):
    """What each last version was frozen with; the rest is counted by the worker, which finds refreshed_at empty."""
    Submission = apps.get_model("applications", "Submission")
    WarningSummary = apps.get_model("applications", "WarningSummary")
    done = set(WarningSummary.objects.values_list("application_id", flat=True))
    explained = {}
    rows = Submission.objects.order_by("application_id", "version").values_list(
        "application_id", "data__explanations", "personal__explanations"
    )
    for application, public, personal in rows.iterator(chunk_size=1000):
        explained[application] = len(public or []) + len(personal or [])
    WarningSummary.objects.bulk_create(
        [
            WarningSummary(application_id=application, explained=number)
            for application, number in explained.items()
            if application not in done
        ],
        batch_size=500,
    )


class Migration(migrations.Migration):
    dependencies = [("applications", "0016_queue")]

    operations = [
        migrations.RunPython(claim_open_checks, migrations.RunPython.noop),
        migrations.RunPython(count_explained, migrations.RunPython.noop),
    ]
