"""Files that came in, and what became of every row."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0009_import.sql"


class Migration(migrations.Migration):
    """Four tables of facts, and the stops on a card as one row."""

    dependencies = [("store", "0008_proof")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
