from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class Config(AppConfig):
    name = "config"
    verbose_name = "Callwright"

    def ready(self) -> None:
        # Once apps are loaded: registers the system checks, and makes our Celery app the one that tasks ring.
        from accounts.tenancy import current_workspace_id  # noqa: PLC0415
        from config import celery, checks, doorbell, logs  # noqa: F401, PLC0415

        logs.take_over()
        logs.add_source(lambda: {"workspace_id": current_workspace_id()})


class Admin(AdminConfig):
    default_site = "config.admin.Site"
