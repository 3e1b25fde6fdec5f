"""A debit remembers what money ahead of time is to do (R7.1)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("servicing", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="debitinstruction", name="choice",
            field=models.TextField(db_default="shorten_term", default="shorten_term",
                                   help_text="what money ahead of time does (R7.1)")),
    ]
