from django.db import migrations

from apps.core.models import ExactCharField
from apps.core.operations import MakeExact


class Migration(migrations.Migration):
    dependencies = [
        ("goods", "0005_name_review_counters"),
    ]

    operations = [
        MakeExact("goodsspecification", "name", ExactCharField("name", max_length=20)),
        MakeExact("specificationoption", "value", ExactCharField("value", max_length=20)),
    ]
