from django.urls import path

from exports import views

urlpatterns = [
    path("w/<slug:slug>/events/", views.events, name="events"),
    path("w/<slug:slug>/events/test/", views.send_test_event, name="send_test_event"),
    path("w/<slug:slug>/events/<uuid:code>/", views.event, name="event"),
]
