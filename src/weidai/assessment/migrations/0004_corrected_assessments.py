from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assessment', '0003_scoring_models'),
    ]

    operations = [
        migrations.AlterField(
            model_name='assessment',
            name='trigger',
            field=models.TextField(choices=[('requested', 'Requested'), ('application', 'Application'), ('monthly', 'Monthly'), ('corrected', 'Corrected'), ('fast_track', 'Fast Track'), ('limit_review', 'Limit Review')]),
        ),
    ]
