from django.db import migrations


def take_back(apps, schema_editor):
    """Remove the groups that were made of roles, as far as nobody is in them."""
    Role = apps.get_model("operators", "Role")
    User = apps.get_model("users", "User")
    for role in Role.objects.exclude(group=None):
        group = role.group
        role.delete()
        if not User.groups.through.objects.filter(group_id=group.pk).exists():
            group.delete()


class Migration(migrations.Migration):
    """Roles are given after each migration, when permissions are there (``apps.operators.services.roles``)."""

    dependencies = [("operators", "0001_logins_and_roles")]

    operations = [migrations.RunPython(migrations.RunPython.noop, take_back)]
