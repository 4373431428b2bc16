import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("goods", "0007_most_units_of_a_sku"),
    ]

    operations = [
        migrations.AddField(
            model_name="sku",
            name="low_stock_at",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Units at which the SKU is on the list of what runs out; empty: as the shop has it.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(1000000000)],
                verbose_name="low stock at",
            ),
        ),
        migrations.AddIndex(
            model_name="sku",
            index=models.Index(
                fields=["is_launched", "low_stock_at", "stock"], name="sku_by_stock"
            ),
        ),
    ]
