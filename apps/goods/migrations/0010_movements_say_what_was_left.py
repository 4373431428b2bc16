from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("goods", "0009_who_sees_cost_prices"),
    ]

    operations = [
        migrations.AddField(
            model_name="stockmovement",
            name="stock_after",
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name="stock then"),
        ),
        migrations.AddField(
            model_name="stockmovement",
            name="key",
            field=models.UUIDField(editable=False, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="stockmovement",
            name="reason",
            field=models.CharField(
                choices=[
                    ("receipt", "goods received"),
                    ("correction", "correction after counting"),
                    ("return", "returned by a buyer"),
                    ("damage", "damaged or lost"),
                    ("sheet", "by spreadsheet"),
                ],
                max_length=20,
                verbose_name="reason",
            ),
        ),
    ]
