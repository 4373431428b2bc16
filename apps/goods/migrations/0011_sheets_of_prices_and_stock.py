import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("goods", "0010_movements_say_what_was_left"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="StockSheet",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=100, verbose_name="file")),
                ("digest", models.CharField(max_length=64)),
                ("changes", models.JSONField(default=list, verbose_name="changes")),
                ("create_time", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                ("applied_time", models.DateTimeField(null=True, verbose_name="applied")),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
            ],
            options={
                "verbose_name": "spreadsheet of prices and stock",
                "verbose_name_plural": "spreadsheets of prices and stock",
                "ordering": ["-id"],
                "indexes": [models.Index(fields=["digest"], name="sheet_by_digest")],
            },
        ),
    ]
