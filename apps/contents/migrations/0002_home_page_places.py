from django.db import migrations

PLACES = {
    "index_lbt": "轮播图",
    "index_kx": "快讯",
    "index_ytgg": "页头广告",
    "index_1f_logo": "1楼 标志",
    "index_1f_pd": "1楼 频道",
    "index_1f_bq": "1楼 标签",
    "index_1f_ssxp": "1楼 时尚新品",
    "index_1f_cxdj": "1楼 畅享低价",
    "index_1f_sjpj": "1楼 手机配件",
    "index_2f_logo": "2楼 标志",
    "index_2f_pd": "2楼 频道",
    "index_2f_bq": "2楼 标签",
    "index_2f_jjhg": "2楼 加价换购",
    "index_2f_cxdj": "2楼 畅享低价",
    "index_3f_logo": "3楼 标志",
    "index_3f_pd": "3楼 频道",
    "index_3f_bq": "3楼 标签",
    "index_3f_shyp": "3楼 生活用品",
    "index_3f_cfyp": "3楼 厨房用品",
}


def add(apps, schema_editor):
    """The places that the storefronts ask for, those that somebody made already excepted."""
    places = apps.get_model("contents", "ContentCategory").objects.using(
        schema_editor.connection.alias
    )
    for key, name in PLACES.items():
        places.get_or_create(key=key, defaults={"name": name})


def remove(apps, schema_editor):
    """Those that are empty; what an operator put on the home page is not thrown away."""
    places = apps.get_model("contents", "ContentCategory").objects.using(
        schema_editor.connection.alias
    )
    places.filter(key__in=PLACES, contents=None).delete()


class Migration(migrations.Migration):
    dependencies = [("contents", "0001_initial")]

    operations = [migrations.RunPython(add, remove)]
