"""The register's tables brought up to date, through Django's migrations."""

from __future__ import annotations

import os


def migrate(url: str) -> None:
    """Apply every migration to the database of a URL; nothing happens when it is up to date."""
    os.environ["MINKA_DATABASE_URL"] = url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.doors.web.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
