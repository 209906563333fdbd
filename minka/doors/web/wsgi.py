"""The entrance for granian: ``granian --interface wsgi minka.doors.web.wsgi:application``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.doors.web.settings")

application = get_wsgi_application()
