"""Shoppers' photos as staff know them: that there was consent, and what became of it.

No picture, no annotation: those belong to their owners.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from fittingroom.models import PersonPhoto
from fittingroom.photos import services


@admin.register(PersonPhoto)
class PersonPhotoAdmin(admin.ModelAdmin):
    list_display = ["created_at", "status", "reason_code", "keep_days", "expires_at", "erased_at"]
    list_filter = ["status", "reason_code", "keep_days"]
    list_per_page = 50
    date_hierarchy = "created_at"
    search_fields = ["=id"]
    actions = ["erase"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: PersonPhoto | None = None) -> bool:
        return False

    # The row is the evidence of consent: it goes with its owner's account, never alone.

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        raise PermissionDenied

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        hidden = {"show_delete": False}
        return super().change_view(
            request, object_id, form_url, {**hidden, **(extra_context or {})}
        )

    def has_erase_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("fittingroom.delete_personphoto")

    def get_fields(self, request: HttpRequest, obj: PersonPhoto | None = None) -> list[Any]:
        fields = ["id", "status", "reason_code", "created_at", "expires_at", "erased_at"]
        fields += ["consent_version", "consented_at", "attested_at", "keep_days", "attempt"]
        if request.user.has_perm("accounts.view_user"):
            fields += ["user", "visitor"]
        return fields

    @admin.action(description=_("Erase now, with all pictures made of it"), permissions=["erase"])
    def erase(self, request: HttpRequest, queryset: Any) -> None:
        for photo in queryset:
            services.erase_photo(photo=photo, with_results=True)
