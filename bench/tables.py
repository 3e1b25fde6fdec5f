"""Make the tables of an empty database, as `weidai db migrate` does."""

from __future__ import annotations

import django


def main() -> None:
    """Migrate as the owner and revoke the rights that the application does not have."""
    django.setup()
    from django.core.management import call_command

    from weidai.platform.privileges import privileges_apply

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    privileges_apply()


if __name__ == "__main__":
    import os

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
    main()
