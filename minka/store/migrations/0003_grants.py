"""The desk may read the reference tables that clerks maintain."""

from __future__ import annotations

from django.db import migrations

_GRANT = """
do $$
begin
    if exists (select from pg_roles where rolname = 'minka_desk') then
        grant select on bank, employer, place, kiosk, operator to minka_desk;
    end if;
end
$$
"""


class Migration(migrations.Migration):
    """Read access only."""

    dependencies = [("store", "0002_reference")]
    operations = [migrations.RunSQL(_GRANT, migrations.RunSQL.noop)]
