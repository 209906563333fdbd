"""Claims for the expense of a loss period; signs of lending, their verdicts and suspensions."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0015_claim.sql"


class Migration(migrations.Migration):
    """Facts about claims and signs, and one watermark."""

    dependencies = [("store", "0014_dispute")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
