from django.db import migrations

# Their codes at 快递100.
CARRIERS = (
    ("shunfeng", "顺丰速运"),
    ("jd", "京东物流"),
    ("zhongtong", "中通快递"),
    ("yuantong", "圆通速递"),
    ("yunda", "韵达快递"),
    ("shentong", "申通快递"),
    ("jtexpress", "极兔速递"),
    ("ems", "EMS"),
    ("youzhengguonei", "邮政快递包裹"),
    ("debangkuaidi", "德邦快递"),
)


def add_carriers(apps, schema_editor):
    carriers = apps.get_model("orders", "Carrier").objects
    for sequence, (code, name) in enumerate(CARRIERS):
        carriers.get_or_create(code=code, defaults={"name": name, "sequence": sequence})


def remove_unused(apps, schema_editor):
    carriers = apps.get_model("orders", "Carrier").objects
    carriers.filter(code__in=dict(CARRIERS), shipments=None).delete()


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_the_life_of_an_order")]

    operations = [migrations.RunPython(add_carriers, remove_unused)]
