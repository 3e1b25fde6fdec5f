"""The policy room: versioned packs, who approved them, which held when, and what they decided (R8.6)."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """Lets the timeline know what was published in this installation, and keeps the folder's versions with every upgrade."""

    name = "weidai.policy"
    label = "policy"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate

        from weidai.policy import timeline
        from weidai.policy.publications import Publications, folder_keep

        timeline.source_fill(Publications())
        post_migrate.connect(folder_keep, sender=self, dispatch_uid="policy.folder_keep")
