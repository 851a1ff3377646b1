from django.conf import settings
from django.urls import path

from config.looks import views

urlpatterns = [path("theme/", views.theme, name="theme")]

if settings.DEBUG:
    urlpatterns += [
        path("style/", views.style_page, name="style"),
        path("style/bare/", views.style_bare, name="style_bare"),
    ]
