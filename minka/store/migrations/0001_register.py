"""The tables of facts and their functions, from the SQL files."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations

_SQL = Path(__file__).parent.parent / "sql"


class Migration(migrations.Migration):
    """Tables first, then what computes over them."""

    initial = True
    operations = [
        migrations.RunSQL((_SQL / "0001_register.sql").read_text(encoding="utf-8")),
        migrations.RunSQL((_SQL / "0002_functions.sql").read_text(encoding="utf-8")),
    ]
