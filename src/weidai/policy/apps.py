"""The policy room: versioned packs, who approved them, which held when, and what they decided (R8.6)."""

from django.apps import AppConfig


class PolicyConfig(AppConfig):
    """Lets the timeline know what was published in this installation."""

    name = "weidai.policy"
    label = "policy"

    def ready(self) -> None:
        from weidai.policy import timeline
        from weidai.policy.publications import Publications

        timeline.source_fill(Publications())
