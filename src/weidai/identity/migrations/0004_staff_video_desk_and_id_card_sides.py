import weidai.platform.crypto
import weidai.platform.ids
from django.db import migrations, models


def sides_of_before(apps, schema_editor):
    """Cards verified by pictures before this table: what was confirmed last before the check are the sides.

    Not what was confirmed after it: that may be another card, which was refused. A card typed since has no sides.
    """
    verification, reading = apps.get_model("identity", "Verification"), apps.get_model("vision", "PaperReading")
    side = apps.get_model("identity", "IdCardSide")
    newest = verification.objects.filter(item="id_card", state="passed").order_by("customer_id", "-checked_at").distinct("customer_id")
    for check in newest.iterator(chunk_size=1000):
        if check.facts.get("source") != "photos":
            continue
        for kind in ("id_front", "id_back"):
            row = reading.objects.filter(customer_id=check.customer_id, kind=kind, confirmed_at__lte=check.checked_at).order_by(
                "-confirmed_at").values_list("id", flat=True).first()
            if row is not None:
                side.objects.create(customer_id=check.customer_id, reading_id=row, kept_at=check.checked_at)


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0003_voiceprint'),
        ('vision', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='IdCardSide',
            fields=[
                ('id', models.UUIDField(default=weidai.platform.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('customer_id', models.UUIDField(db_index=True, editable=False)),
                ('reading_id', models.UUIDField()),
                ('kept_at', models.DateTimeField(help_text='when the registry had confirmed the card')),
                ('stated', weidai.platform.crypto.EncryptedTextField(help_text='what the customer put instead of what was read: code to value, JSON', null=True, purpose='identity.id_card_side.stated')),
                ('verdicts', weidai.platform.crypto.EncryptedTextField(help_text="a reviewer's word on each field: code to verdict, value, note, by, at, JSON", null=True, purpose='identity.id_card_side.verdicts')),
            ],
        ),
        migrations.AddField(
            model_name='staffvideorequest',
            name='claimed_by',
            field=models.TextField(default='', help_text='staff user id'),
        ),
        migrations.AddField(
            model_name='staffvideorequest',
            name='code',
            field=models.TextField(default='', help_text='why it did not pass, one of STAFF_VIDEO_ENDS'),
        ),
        migrations.AddField(
            model_name='staffvideorequest',
            name='first_decided_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='staffvideorequest',
            name='first_decided_by',
            field=models.TextField(default='', help_text='who held the talk, where a second person confirms the pass'),
        ),
        migrations.AddField(
            model_name='staffvideorequest',
            name='locked_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='staffvideorequest',
            name='remarks',
            field=models.JSONField(default=list, help_text='codes of what was noted beside a pass'),
        ),
        migrations.AlterField(
            model_name='staffvideorequest',
            name='reason',
            field=models.TextField(default='', help_text='the note, for staff; the customer reads the words of `code`'),
        ),
        migrations.AlterField(
            model_name='staffvideorequest',
            name='state',
            field=models.TextField(choices=[('waiting', 'Waiting'), ('passed', 'Passed'), ('refused', 'Refused'), ('unfinished', 'Unfinished')], default='waiting'),
        ),
        migrations.AddConstraint(
            model_name='staffvideorequest',
            constraint=models.CheckConstraint(condition=models.Q(('first_decided_by', ''), models.Q(('first_decided_by', models.F('decided_by')), _negated=True), _connector='OR'), name='staff_video_four_eyes'),
        ),
        migrations.AddIndex(
            model_name='idcardside',
            index=models.Index(fields=['customer_id', '-kept_at'], name='id_card_side_newest_first'),
        ),
        migrations.AddConstraint(
            model_name='idcardside',
            constraint=models.UniqueConstraint(fields=('customer_id', 'reading_id'), name='id_card_side_once'),
        ),
        migrations.RunPython(sides_of_before, migrations.RunPython.noop),
    ]
