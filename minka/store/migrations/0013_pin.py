"""PINs: their facts, their tries, and how each stands."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0013_pin.sql"


class Migration(migrations.Migration):
    """Three tables, and the view that re-derives one of them."""

    dependencies = [("store", "0012_ledger")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
