from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("accounts.urls")),
    path("", include("exports.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns += []
