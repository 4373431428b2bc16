from django.db import migrations, models


class Migration(migrations.Migration):
    """What is there already keeps a blank digest: it counts as the same as whatever bears its number."""

    dependencies = [("payment", "0010_counters_of_questions_and_tries")]

    operations = [
        migrations.AddField(
            model_name="paymentevent",
            name="digest",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
        migrations.AddConstraint(
            model_name="paymentevent",
            constraint=models.UniqueConstraint(
                fields=("provider", "event_id", "digest", "verdict"), name="event_once_per_verdict"
            ),
        ),
        migrations.RemoveConstraint(model_name="paymentevent", name="provider_event_once"),
    ]
