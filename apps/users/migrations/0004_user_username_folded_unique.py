from django.db import migrations

import apps.users.models.account


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0003_fold_usernames"),
    ]

    operations = [
        migrations.AlterField(
            model_name="user",
            name="username_folded",
            field=apps.users.models.account.FoldedUsernameField(
                editable=False, max_length=60, unique=True, verbose_name="username, folded"
            ),
        ),
    ]
