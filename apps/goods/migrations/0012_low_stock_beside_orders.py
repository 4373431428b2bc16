from django.db import migrations, models


class Migration(migrations.Migration):
    """The index as it was served MariaDB to find the rows of an order by, in another order than that of their keys."""

    dependencies = [
        ("goods", "0011_sheets_of_prices_and_stock"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="sku", name="sku_by_stock"),
        migrations.AddIndex(
            model_name="sku",
            index=models.Index(
                fields=["low_stock_at", "is_launched", "stock"], name="sku_by_stock"
            ),
        ),
    ]
