"""The addresses of the fitting room's files and streams, for tests of these views alone."""

from __future__ import annotations

from django.urls import include, path

from fittingroom.views import events, files

_views = [
    path("t/<uuid:pk>/result/", files.result, name="result"),
    path("t/<uuid:pk>/person/", files.person, name="person"),
    path("t/<uuid:pk>/download/", files.download, name="download"),
    path("t/<uuid:pk>/events/", events.events, name="events"),
    path("t/<uuid:pk>/status/", events.status, name="status"),
    path("s/<str:token>/", files.shared, name="shared"),
]
urlpatterns = [path("", include((_views, "fittingroom")))]
