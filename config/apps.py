from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class Config(AppConfig):
    name = "config"
    verbose_name = "Callwright"

    def ready(self) -> None:
        from config import checks  # noqa: F401, PLC0415 - registers the system checks once apps are loaded


class Admin(AdminConfig):
    default_site = "config.admin.Site"
