"""Files of providers, and a version of the reference data of care that nobody forgets."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0018_reconcile.sql"


class Migration(migrations.Migration):
    """Files, and a version that moves by itself."""

    dependencies = [("store", "0017_chip")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
