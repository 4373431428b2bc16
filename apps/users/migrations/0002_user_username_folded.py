from django.db import migrations

import apps.users.models.account


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="username_folded",
            field=apps.users.models.account.FoldedUsernameField(
                editable=False, max_length=60, null=True, verbose_name="username, folded"
            ),
        ),
    ]
