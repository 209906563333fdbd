"""The register as a Django application: it owns the schema and its migrations."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """Tables of facts come from ``sql/``; reference data that clerks maintain are models."""

    name = "minka.store"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "民卡"
