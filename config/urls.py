from django.contrib import admin
from django.urls import include, path

from config import health, home, metrics

urlpatterns = [
    path("", home.home, name="home"),
    path("w/<slug:slug>/", home.home_of_workspace, name="home_of_workspace"),
    path("w/<slug:slug>/installation/", home.installation, name="installation"),
    path("", include("accounts.urls")),
    path("", include("exports.urls")),
    path("", include("compliance.urls")),
    path("", include("config.api")),
    path("", include("config.looks.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
