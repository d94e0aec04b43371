from __future__ import annotations

from django.urls import path

from shop.catalogue import views

app_name = "catalogue"

urlpatterns = [
    path("", views.home, name="home"),
    path("c/<slug:slug>/", views.category, name="category"),
    # Any text: Korean slugs, and old ones that redirect.
    path("p/<int:pk>/<str:slug>/", views.product, name="product"),
    path("p/<int:pk>/", views.product, name="product-id"),
]
