"""What was sent before there were states is in that state."""

from django.db import migrations


def mark_sent(apps, schema_editor):
    mails = apps.get_model("qcportal", "MailMessage")
    mails.objects.filter(sent_at__isnull=False, state="waiting").update(state="sent")


class Migration(migrations.Migration):
    dependencies = [("qcportal", "0006_post")]

    operations = [migrations.RunPython(mark_sent, migrations.RunPython.noop)]
