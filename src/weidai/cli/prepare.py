"""Tables, cache table, rights and static files in one process (run as the owner role by `weidai run`)."""

from weidai.cli.output import django_ready


def main() -> None:
    """Bring the installation up to this version."""
    django_ready("owner")
    from django.core.management import call_command

    from weidai.platform.privileges import privileges_apply

    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    privileges_apply()
    # The API viewers that come with the library need inline scripts, which our pages forbid; compressing them took half a minute.
    call_command("collectstatic", verbosity=0, interactive=False, clear=True, ignore_patterns=["ninja"])


if __name__ == "__main__":
    main()
