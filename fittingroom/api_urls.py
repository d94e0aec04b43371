from __future__ import annotations

from django.urls import path

from fittingroom import api
from fittingroom.photos import api as photos_api

app_name = "fittingroom-api"

urlpatterns = [
    path("photos/", photos_api.Photos.as_view(), name="photos"),
    path("photos/<uuid:pk>/", photos_api.OnePhoto.as_view(), name="photo"),
    path("tryons/", api.TryOns.as_view(), name="tryons"),
    path("tryons/<uuid:pk>/", api.OneTryOn.as_view(), name="tryon"),
]
