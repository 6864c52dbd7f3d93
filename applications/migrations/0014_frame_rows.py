from django.db import migrations


def split_hosts(apps, schema_editor):
    """Each line of the old text becomes a row; running again adds nothing."""
    Programme = apps.get_model("applications", "Programme")
    JointHost = apps.get_model("applications", "JointHost")
    for programme in Programme.objects.exclude(joint_hosts=""):
        names = dict.fromkeys(line.strip()[:100] for line in programme.joint_hosts.splitlines() if line.strip())
        for position, name in enumerate(names, 1):
            JointHost.objects.get_or_create(programme=programme, name=name, defaults={"position": position})


def join_hosts(apps, schema_editor):
    Programme = apps.get_model("applications", "Programme")
    JointHost = apps.get_model("applications", "JointHost")
    for programme in Programme.objects.all():
        rows = JointHost.objects.filter(programme=programme).order_by("position", "id")
        programme.joint_hosts = "\n".join(row.name for row in rows)
        programme.save(update_fields=["joint_hosts"])


class Migration(migrations.Migration):
    dependencies = [("applications", "0013_frame")]

    operations = [migrations.RunPython(split_hosts, join_hosts)]
