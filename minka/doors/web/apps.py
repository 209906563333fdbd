"""The web door as a Django application: shared templates, static files and words."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Frame, parts and style page; citizen and staff pages are applications of their own."""

    name = "minka.doors.web"
    label = "web"
    verbose_name = "民卡网页"
