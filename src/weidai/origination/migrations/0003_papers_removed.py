from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('origination', '0002_application_papers'),
    ]

    operations = [
        migrations.AddField(
            model_name='applicationpaper',
            name='removed_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='applicationpaper',
            name='removed_reason',
            field=models.TextField(default='', help_text='why file and reading were deleted, empty while they are there'),
        ),
    ]
