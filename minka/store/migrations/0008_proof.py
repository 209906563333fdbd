"""Proof by the registered telephone."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0008_proof.sql"


class Migration(migrations.Migration):
    """Two tables of facts."""

    dependencies = [("store", "0007_photo")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
