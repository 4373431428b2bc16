from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("goods", "0008_low_stock"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="sku",
            options={
                "ordering": ["-id"],
                "permissions": [("view_cost_price", "Can view cost prices")],
                "verbose_name": "SKU",
                "verbose_name_plural": "SKUs",
            },
        ),
    ]
