from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("applications", "0014_frame_rows")]

    operations = [migrations.RemoveField(model_name="programme", name="joint_hosts")]
