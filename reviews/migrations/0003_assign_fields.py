"""The vocabulary of expertise as it starts, and what judges wrote in words put into it where the words say so."""

from django.db import migrations

FIELDS = (
    ("化工与冶金", ["salt_lake", "metallurgy"], False),
    ("电力与新能源", ["clean_energy", "power_grid"], False),
    ("农畜产品加工", ["organic_farming"], False),
    ("机械制造", ["manufacturing"], False),
    ("建筑施工", ["construction"], False),
    ("交通运输", ["transport"], False),
    ("信息通信", ["telecom"], False),
    ("医药卫生", ["medicine"], False),
    ("文化旅游与服务", ["tourism"], False),
    ("质量管理", [], True),
    ("统计方法", [], True),
)


def begin(apps, schema_editor):
    field_model = apps.get_model("reviews", "ExpertiseField")
    for number, (name, industries, general) in enumerate(FIELDS, 1):
        field_model.objects.get_or_create(
            name=name, defaults={"industries": industries, "is_general": general, "position": number * 10}
        )
    fields = list(field_model.objects.all())
    for judge in apps.get_model("reviews", "Judge").objects.exclude(expertise="").iterator():
        judge.expertise_fields.add(*[field for field in fields if field.name in judge.expertise])


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_assign")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
