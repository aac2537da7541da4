"""The WSGI entry that granian serves."""

import multiprocessing
import os

from django.core.wsgi import get_wsgi_application

from parkbench.site import collector
from parkbench.site.serving.lineage import die_with

if _starter := multiprocessing.parent_process():
    # Granian's own process started this one; were it killed, this one would go on alone.
    die_with(_starter.pid or 0)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbench.site.settings")
application = get_wsgi_application()
collector.spare()
