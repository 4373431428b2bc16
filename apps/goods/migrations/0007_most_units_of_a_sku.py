import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("goods", "0006_exact_specifications"),
    ]

    operations = [
        migrations.AlterField(
            model_name="sku",
            name="stock",
            field=models.PositiveIntegerField(
                default=0,
                validators=[django.core.validators.MaxValueValidator(1000000000)],
                verbose_name="stock",
            ),
        ),
        migrations.AlterField(
            model_name="stockmovement",
            name="change",
            field=models.IntegerField(
                help_text="Units; negative when stock goes down.",
                validators=[
                    django.core.validators.MinValueValidator(-1000000000),
                    django.core.validators.MaxValueValidator(1000000000),
                ],
                verbose_name="change",
            ),
        ),
    ]
