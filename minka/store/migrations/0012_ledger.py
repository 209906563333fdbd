"""The books: walking an account, holds that end, assertions in order."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0012_ledger.sql"


class Migration(migrations.Migration):
    """Functions and checks of the ledger; no table of its own."""

    dependencies = [("store", "0011_money")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
