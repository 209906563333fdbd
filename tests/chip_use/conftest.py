"""Django stands ready before a module of this folder imports a page."""

from __future__ import annotations

import django

django.setup()
