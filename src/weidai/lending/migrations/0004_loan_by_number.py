from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lending', '0003_interest_suspended'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='loan',
            index=models.Index(fields=['number'], name='loan_by_number'),
        ),
    ]
