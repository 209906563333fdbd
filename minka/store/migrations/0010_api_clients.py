"""Partners of the API; the desk's role may read them and no more."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models

_GRANT = """
do $$
begin
    if exists (select from pg_roles where rolname = 'minka_desk') then
        grant select on api_client to minka_desk;
    end if;
end
$$
"""


class Migration(migrations.Migration):
    """One table of reference data."""

    dependencies = [
        ("store", "0009_import"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiClient",
            fields=[
                (
                    "client_id",
                    models.CharField(
                        max_length=40, primary_key=True, serialize=False, verbose_name="调用方编号"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="名称")),
                ("secret_hash", models.BinaryField(max_length=32, verbose_name="令牌摘要")),
                ("scopes", models.TextField(help_text="以空格分开", verbose_name="权限")),
                (
                    "regions",
                    models.TextField(blank=True, help_text="以空格分开", verbose_name="统筹区"),
                ),
                (
                    "role",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("hotline_agent", "热线坐席"),
                            ("counter_clerk", "窗口经办"),
                            ("medical_staff", "医保工作人员"),
                            ("bank_clerk", "银行经办"),
                            ("employer_clerk", "单位经办人"),
                            ("reviewer", "复核人员"),
                            ("factory", "制卡中心"),
                            ("reference_clerk", "基础数据维护"),
                            ("security_administrator", "安全管理员"),
                            ("auditor", "审计员"),
                        ],
                        max_length=24,
                        verbose_name="岗位",
                    ),
                ),
                (
                    "staff_number",
                    models.CharField(blank=True, max_length=20, verbose_name="本人工号"),
                ),
                ("active", models.BooleanField(default=True, verbose_name="在用")),
                (
                    "bank",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="store.bank",
                    ),
                ),
                (
                    "employer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="store.employer",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="store.place",
                    ),
                ),
            ],
            options={
                "verbose_name": "接口调用方",
                "verbose_name_plural": "接口调用方",
                "db_table": "api_client",
                "ordering": ("client_id",),
            },
        ),
        migrations.RunSQL(_GRANT, migrations.RunSQL.noop),
    ]
