"""What the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

from weidai.web.bodies import bounded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "weidai.platform.settings")
application = bounded(get_wsgi_application())
