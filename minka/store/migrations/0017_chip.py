"""The chip in the city's use: readings, writes, stamps, devices and offline purchases."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql" / "0017_chip.sql"


class Migration(migrations.Migration):
    """Facts about chips, and what follows from them."""

    dependencies = [("store", "0016_keys")]
    operations = [migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop)]
