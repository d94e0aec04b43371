from __future__ import annotations

from django.urls import path

from recommendations import views

app_name = "recommendations"

urlpatterns = [
    path("", views.looks, name="looks"),
    path("shelf/", views.shelf, name="shelf"),
    path("with/<int:product_pk>/", views.together, name="together"),
    path("l/<slug:slug>/", views.look, name="look"),
]
