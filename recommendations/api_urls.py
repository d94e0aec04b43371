from __future__ import annotations

from django.urls import path

from recommendations import api

app_name = "recommendations-api"

urlpatterns = [
    path("looks/", api.Looks.as_view(), name="looks"),
    path("looks/<slug:slug>/", api.OneLook.as_view(), name="look"),
]
