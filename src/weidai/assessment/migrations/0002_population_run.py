from django.db import migrations, models

import weidai.platform.ids


class Migration(migrations.Migration):

    dependencies = [
        ('assessment', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='PopulationRun',
            fields=[
                ('id', models.UUIDField(default=weidai.platform.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('book_id', models.SmallIntegerField()),
                ('month', models.DateField(help_text='its first day')),
                ('trigger', models.TextField(choices=[('monthly', 'monthly'), ('fast_track', 'fast_track')])),
                ('finished_at', models.DateTimeField(help_text='business instant')),
            ],
            options={
                'constraints': [
                    models.UniqueConstraint(fields=('book_id', 'month', 'trigger'), name='population_run_once'),
                    models.CheckConstraint(condition=models.Q(('trigger__in', ['monthly', 'fast_track'])), name='population_run_trigger_known'),
                ],
            },
        ),
    ]
