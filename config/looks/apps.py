from django.apps import AppConfig


class Looks(AppConfig):
    name = "config.looks"
    label = "looks"
    verbose_name = "Looks"
