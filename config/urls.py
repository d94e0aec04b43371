"""Every page under its language; files and streams without one."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import views

# Staff sign in through the shop's page: one place with rate limits.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns: list[URLPattern | URLResolver] = [
    path("livez", views.livez),
    path("readyz", views.readyz),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/", include("fittingroom.api_urls")),
    path("api/", include("recommendations.api_urls")),
    *i18n_patterns(
        path("admin/", admin.site.urls),
        path("account/", include("allauth.account.urls")),
        path("fitting-room/", include("fittingroom.urls")),
        path("looks/", include("recommendations.urls")),
        path("", include("shop.catalogue.urls")),
    ),
]
if settings.SERVE_MEDIA:
    urlpatterns.append(path(f"{settings.MEDIA_URL.lstrip('/')}<path:path>", views.media))
