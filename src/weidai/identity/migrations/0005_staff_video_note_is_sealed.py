import weidai.platform.crypto
from django.db import migrations, transaction


def notes_sealed(apps, schema_editor):
    """Notes of before are sealed; those of people whose keys were destroyed have nothing left to say."""
    from weidai.platform.keys.datakeys import PersonErased

    request = apps.get_model("identity", "StaffVideoRequest")
    for row in request.objects.exclude(reason="").iterator(chunk_size=1000):
        row.note = row.reason
        try:
            with transaction.atomic():  # a save that is refused breaks the transaction it stands in
                row.save(update_fields=["note"])
        except PersonErased:
            continue


class Migration(migrations.Migration):

    dependencies = [
        ("identity", "0004_staff_video_desk_and_id_card_sides"),
    ]

    operations = [
        migrations.AddField(
            model_name="staffvideorequest",
            name="note",
            field=weidai.platform.crypto.EncryptedTextField(help_text="for staff; the customer reads the words of `code`", null=True, purpose="identity.staff_video.note"),
        ),
        migrations.RunPython(notes_sealed, migrations.RunPython.noop),
        migrations.RemoveField(model_name="staffvideorequest", name="reason"),
    ]
