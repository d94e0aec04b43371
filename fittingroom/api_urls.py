from __future__ import annotations

from django.urls import path

from fittingroom import api

app_name = "fittingroom-api"

urlpatterns = [
    path("tryons/", api.TryOns.as_view(), name="tryons"),
    path("tryons/<uuid:pk>/", api.OneTryOn.as_view(), name="tryon"),
]
