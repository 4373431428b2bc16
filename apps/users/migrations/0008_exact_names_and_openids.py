from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.validators import RegexValidator
from django.db import migrations

from apps.core.models import ExactCharField
from apps.core.operations import MakeExact
from apps.users.models.account import FoldedUsernameField


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0007_name_login_provider"),
    ]

    operations = [
        MakeExact(
            "user",
            "username",
            ExactCharField(
                error_messages={"unique": "This username is taken."},
                max_length=20,
                unique=True,
                validators=[
                    UnicodeUsernameValidator(),
                    RegexValidator(
                        r"\A1[3-9][0-9]{9}\Z",
                        "A username may not look like a mobile number.",
                        inverse_match=True,
                    ),
                ],
                verbose_name="username",
            ),
        ),
        MakeExact(
            "user",
            "username_folded",
            FoldedUsernameField(
                editable=False, max_length=60, unique=True, verbose_name="username, folded"
            ),
        ),
        MakeExact("oauthaccount", "openid", ExactCharField("openid", max_length=64)),
    ]
