"""Filters and tags for pages: instants in China time, table cells, error lists, the style page."""

from __future__ import annotations

from datetime import datetime

from django import forms, template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from minka.doors.web.parts import Cell, Column, Wrong
from minka.kit.clock import CHINA

register = template.Library()


@register.filter
def instant(at: datetime | None) -> SafeString | str:
    """An instant to the minute in China time, as a ``time`` element; nothing for None."""
    return _element(at, "%Y-%m-%d %H:%M") if at else ""


@register.filter
def instant_exact(at: datetime | None) -> SafeString | str:
    """An instant to the second, for staff timelines."""
    return _element(at, "%Y-%m-%d %H:%M:%S") if at else ""


def _element(at: datetime, pattern: str) -> SafeString:
    local = at.astimezone(CHINA)
    return format_html(
        '<time class="instant" datetime="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        local.strftime(pattern),
    )


@register.filter
def cells(row: list[object], columns: list[Column]) -> list[tuple[Column, Cell]]:
    """The cells of a row beside their columns."""
    return [(c, _cell(given)) for c, given in zip(columns, row, strict=True)]


def _cell(given: object) -> Cell:
    return given if isinstance(given, Cell) else Cell(text=str(given))


@register.simple_tag
def all_wrongs(form: object, wrong_list: object) -> list[Wrong]:
    """Given errors, or else every error of a bound form with the id of the control to go to."""
    if wrong_list or not isinstance(form, forms.BaseForm):
        return list(wrong_list) if isinstance(wrong_list, list | tuple) else []
    if not form.errors:
        return []
    found = [Wrong(message=str(m), field_id=_first_id(form)) for m in form.non_field_errors()]
    for field in form:
        found += [Wrong(message=str(m), field_id=_control_id(field)) for m in field.errors]
    return found


def _first_id(form: forms.BaseForm) -> str:
    visible = form.visible_fields()
    return _control_id(visible[0]) if visible else ""


def _control_id(field: forms.BoundField) -> str:
    many = isinstance(field.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)
    return f"{field.auto_id}_0" if many else field.auto_id or ""
