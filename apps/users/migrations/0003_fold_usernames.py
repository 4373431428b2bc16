import unicodedata

from django.db import migrations
from django.db.models import Count

BATCH = 1000


def fold_usernames(apps, schema_editor):
    """Fill the column; refuse, naming them, when two people have the same name by the new rule."""
    users = apps.get_model("users", "User").objects.using(schema_editor.connection.alias)
    unfolded = users.filter(username_folded=None).only("username").order_by("pk")
    while batch := list(unfolded[:BATCH]):
        for user in batch:
            user.username_folded = unicodedata.normalize("NFKC", user.username).casefold()
        users.bulk_update(batch, ["username_folded"])

    shared = users.values("username_folded").annotate(owners=Count("pk")).filter(owners__gt=1)
    names = users.filter(username_folded__in=list(shared.values_list("username_folded", flat=True)))
    if clashing := sorted(names.values_list("username", flat=True)):
        raise ValueError(f"These usernames differ in case or width only, rename some: {clashing}")


class Migration(migrations.Migration):
    dependencies = [
        ("users", "0002_user_username_folded"),
    ]

    operations = [
        migrations.RunPython(fold_usernames, migrations.RunPython.noop),
    ]
