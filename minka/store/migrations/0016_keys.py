"""The inventory of keys, their ceremonies and events, and the posts of those who keep them."""

from __future__ import annotations

from pathlib import Path

from django.db import migrations, models

_SQL = Path(__file__).parent.parent / "sql" / "0016_keys.sql"

_POSTS = (
    ("hotline_agent", "热线坐席"),
    ("counter_clerk", "窗口经办"),
    ("medical_staff", "医保工作人员"),
    ("bank_clerk", "银行经办"),
    ("employer_clerk", "单位经办人"),
    ("reviewer", "复核人员"),
    ("factory", "制卡中心"),
    ("reference_clerk", "基础数据维护"),
    ("key_keeper", "密钥管理员"),
    ("key_custodian", "密钥分管人"),
    ("security_administrator", "安全管理员"),
    ("auditor", "审计员"),
)


class Migration(migrations.Migration):
    """Tables, what ties two signatures, and one function that holds an operator."""

    dependencies = [("store", "0015_claim")]
    operations = [
        migrations.RunSQL(_SQL.read_text(encoding="utf-8"), migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="apiclient",
            name="role",
            field=models.CharField("岗位", max_length=24, choices=_POSTS, blank=True),
        ),
        migrations.AlterField(
            model_name="operator",
            name="role",
            field=models.CharField("角色", max_length=24, choices=_POSTS),
        ),
    ]
