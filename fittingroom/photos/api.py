"""Shoppers' photos for programs: the shopper's own, by session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from fittingroom.access import own_photo_of
from fittingroom.api import PerShopper, ShopperSession
from fittingroom.models import PersonPhoto
from fittingroom.photos import services
from fittingroom.photos.forms import KEEP, KeepForm, PhotoForm
from fittingroom.shopper import shopper_of

#: Refusals that have nothing to do with the photo itself.
_TOO_MANY = {
    "too_many_photos": status.HTTP_409_CONFLICT,
    "throttled": status.HTTP_429_TOO_MANY_REQUESTS,
}


class PhotoSerializer(serializers.ModelSerializer[PersonPhoto]):
    keep = serializers.SerializerMethodField()
    picture = serializers.CharField(source="picture_url", read_only=True)
    reason = serializers.SerializerMethodField()

    class Meta:
        model = PersonPhoto
        fields = (
            "id",
            "status",
            "picture",
            "width",
            "height",
            "reason",
            "problems",
            "advice",
            "keep",
            "created_at",
            "expires_at",
        )

    problems = serializers.DictField(read_only=True)
    advice = serializers.ListField(read_only=True)

    def get_keep(self, photo: PersonPhoto) -> str:
        return next(name for name, days in KEEP.items() if days == photo.keep_days)

    def get_reason(self, photo: PersonPhoto) -> dict[str, Any] | None:
        if not photo.reason_code:
            return None
        return {
            "code": photo.reason_code,
            "parts": photo.reason_parts,
            "sentence": photo.sentence,
        }


class Photos(GenericAPIView[PersonPhoto]):
    """GET: the shopper's photos that exist. POST: upload one, with both consents."""

    authentication_classes = (ShopperSession,)
    renderer_classes = (JSONRenderer,)
    parser_classes = (MultiPartParser,)
    throttle_classes = (PerShopper,)
    serializer_class = PhotoSerializer

    def get(self, request: Request) -> Response:
        mine = PersonPhoto.objects.of(shopper_of(request._request)).live()
        return Response({"results": self.get_serializer(mine, many=True).data})

    def post(self, request: Request) -> Response:
        """201 with the photo, which is checked from now on; 400 names the fields."""
        form = PhotoForm(request._request.POST, request._request.FILES)
        if not form.is_valid():
            return Response(form.errors, status=status.HTTP_400_BAD_REQUEST)
        shopper = shopper_of(request._request, create=True)
        if shopper is None:
            raise RuntimeError("a shopper was to be made")
        try:
            photo = services.add_photo(
                shopper=shopper,
                picture=form.cleaned_data["picture"],
                keep_days=form.cleaned_data["keep"],
            )
        except ValidationError as refusal:
            answer = {"reason": {"code": refusal.code, "sentence": refusal.messages[0]}}
            return Response(answer, status=_TOO_MANY[str(refusal.code)])
        return Response(self.get_serializer(photo).data, status=status.HTTP_201_CREATED)


class OnePhoto(GenericAPIView[PersonPhoto]):
    """GET: its state. PATCH ``keep``: from now on. DELETE: now, ``?results=1`` with all."""

    authentication_classes = (ShopperSession,)
    renderer_classes = (JSONRenderer,)
    parser_classes = (JSONParser, FormParser, MultiPartParser)
    throttle_classes = (PerShopper,)
    serializer_class = PhotoSerializer

    def get(self, request: Request, pk: UUID) -> Response:
        return Response(self.get_serializer(own_photo_of(request._request, pk)).data)

    def patch(self, request: Request, pk: UUID) -> Response:
        photo = own_photo_of(request._request, pk)
        form = KeepForm(request.data if isinstance(request.data, Mapping) else {})
        if not form.is_valid():
            return Response(form.errors, status=status.HTTP_400_BAD_REQUEST)
        services.keep_photo(photo=photo, keep_days=form.cleaned_data["keep"])
        return Response(self.get_serializer(photo).data)

    def delete(self, request: Request, pk: UUID) -> Response:
        photo = own_photo_of(request._request, pk)
        services.erase_photo(photo=photo, with_results=request.query_params.get("results") == "1")
        return Response(status=status.HTTP_204_NO_CONTENT)
