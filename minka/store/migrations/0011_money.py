"""Coverage, providers, visits and fees, the journal of settlements, the ledger."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0011_money.sql"


class Migration(migrations.Migration):
    """Tables of money, and the card's tick that takes the coverage with it."""

    dependencies = [("store", "0010_api_clients")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
