"""Questions about transactions, their answers, and statements that were handed out."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0014_dispute.sql"


class Migration(migrations.Migration):
    """Three tables of facts, and a way to a person's refused attempts."""

    dependencies = [("store", "0013_pin")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
