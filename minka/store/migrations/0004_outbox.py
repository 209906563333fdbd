"""The outbox remembers when a message was due and how it fares; signatures share a beneficiary."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0004_outbox.sql"


class Migration(migrations.Migration):
    """Columns and keys only."""

    dependencies = [("store", "0003_grants")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"))]
