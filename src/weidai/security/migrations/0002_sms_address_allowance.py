from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('security', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='SmsAddressAllowance',
            fields=[
                ('address_digest', models.TextField(help_text='keyed digest; the address itself is not kept', primary_key=True, serialize=False)),
                ('window_began_at', models.DateTimeField(null=True)),
                ('window_count', models.PositiveIntegerField(default=0)),
                ('counted_on', models.DateField(help_text='Shanghai day the count belongs to', null=True)),
                ('sent_count', models.PositiveIntegerField(default=0)),
            ],
        ),
    ]
