"""The web process."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Requests run on threads here; a pool keeps their connections few and warm.
os.environ.setdefault("DATABASE_POOL_SIZE", "10")

application = get_asgi_application()
