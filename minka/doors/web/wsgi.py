"""The entrance for granian: ``granian --interface wsgi minka.doors.web.wsgi:application``."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from minka.doors.vault import refuse_stand_in

refuse_stand_in()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "minka.doors.web.settings")

application = get_wsgi_application()
