"""Photos of applications."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0007_photo.sql"


class Migration(migrations.Migration):
    """One table of facts."""

    dependencies = [("store", "0004_outbox")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
