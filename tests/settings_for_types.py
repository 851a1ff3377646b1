"""The settings as the type checker loads them: it connects to nothing, yet every address must be there."""

import os

os.environ.setdefault("DATABASE_URL", "postgresql://callwright_app@127.0.0.1/callwright")
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1/0")
os.environ.setdefault("SECRET_KEY", "only for the type checker")

from config.settings import *  # noqa: F403 - after the environment it reads
