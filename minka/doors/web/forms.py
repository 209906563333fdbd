"""Django's forms drawn with our parts: ``form.name.as_field_group`` is a whole field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting

_CLASSES = {
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "file": "govuk-file-upload",
    "clearablefile": "govuk-file-upload",
    "checkbox": "govuk-checkboxes__input",
    "checkboxselectmultiple": "govuk-checkboxes__input",
    "radioselect": "govuk-radios__input",
    "hidden": "",
}


class PartsBoundField(BoundField):
    """A field that knows its class names, its hint and its error for assistive technology."""

    def build_widget_attrs(
        self, attrs: Mapping[str, Any], widget: forms.Widget | None = None
    ) -> dict[str, Any]:
        """Django's attributes, ours added; no ``required``, so that our own messages are shown."""
        built: dict[str, Any] = dict(super().build_widget_attrs(dict(attrs), widget))
        built.pop("required", None)
        name = _CLASSES.get(self.widget_type, "govuk-input")
        error = f"{name}--error" if self.errors and name and not name.endswith("__input") else ""
        given = str((widget or self.field.widget).attrs.get("class", ""))
        built["class"] = " ".join(part for part in (name, error, given) if part)
        return {key: value for key, value in built.items() if value != ""}


class PartsRenderer(TemplatesSetting):
    """Forms and fields from ``templates/parts``."""

    form_template_name = "parts/form.html"
    field_template_name = "parts/field.html"
    bound_field_class = PartsBoundField
