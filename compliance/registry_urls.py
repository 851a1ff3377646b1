from django.urls import path

from compliance import registry_views as views

urlpatterns = [
    path("w/<slug:slug>/registries/", views.registries, name="registries"),
    path("w/<slug:slug>/registries/load/", views.load_registry, name="load_registry"),
    path("w/<slug:slug>/registries/check/", views.check_number, name="check_number"),
    path("w/<slug:slug>/registries/loads/<int:snapshot_id>/", views.registry_progress, name="registry_progress"),
    path("w/<slug:slug>/registries/<int:registry_id>/", views.registry, name="registry"),
    path("w/<slug:slug>/registries/<int:registry_id>/changes/", views.load_changes, name="load_changes"),
]
