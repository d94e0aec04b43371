from __future__ import annotations

from django.urls import path

from fittingroom.views import events, files, panel, photos, shares, tryons

app_name = "fittingroom"

urlpatterns = [
    path("", tryons.history, name="history"),
    path("panel/<int:product_pk>/", panel.panel, name="panel"),
    path("try/<int:product_pk>/", panel.request_tryon, name="request"),
    path("photos/", photos.upload, name="photo-upload"),
    path("photos/<uuid:pk>/", photos.photo, name="photo"),
    path("photos/<uuid:pk>/picture/", photos.picture, name="photo-picture"),
    path("photos/<uuid:pk>/keep/", photos.keep, name="photo-keep"),
    path("photos/<uuid:pk>/delete/", photos.delete, name="photo-delete"),
    path("t/<uuid:pk>/", tryons.tryon, name="tryon"),
    path("t/<uuid:pk>/cancel/", tryons.cancel, name="cancel"),
    path("t/<uuid:pk>/rate/", tryons.rate, name="rate"),
    path("t/<uuid:pk>/delete/", tryons.delete, name="delete"),
    path("t/<uuid:pk>/share/", shares.share, name="share"),
    path("t/<uuid:pk>/unshare/", shares.unshare, name="unshare"),
    path("t/<uuid:pk>/events/", events.events, name="events"),
    path("t/<uuid:pk>/status/", events.status, name="status"),
    path("t/<uuid:pk>/result/", files.result, name="result"),
    path("t/<uuid:pk>/person/", files.person, name="person"),
    path("t/<uuid:pk>/download/", files.download, name="download"),
    path("s/<str:token>/", shares.shared, name="shared"),
    path("s/<str:token>/card/", files.shared_card, name="shared-card"),
    path("s/<str:token>/picture/", files.shared, name="shared-picture"),
]
