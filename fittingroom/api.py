"""Try-ons for programs: the shopper's own, by session. The pages do not need it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import SimpleRateThrottle
from rest_framework.views import APIView

from fittingroom import reasons, services
from fittingroom.access import own_tryon_of, tryon_of
from fittingroom.models import FittingModel, PersonPhoto, TryOn
from fittingroom.shopper import shopper_of
from shop.catalogue.models import Product, ProductImage


class ShopperSession(SessionAuthentication):
    """The browser's session, with the CSRF check for visitors too: they own try-ons as well."""

    def authenticate(self, request: Request) -> Any:
        found = super().authenticate(request)
        if found is None:
            self.enforce_csrf(request)
        return found


class PerShopper(SimpleRateThrottle):
    """Requests that make something, per shopper; per address for those who have no token yet."""

    scope = "tryons"
    rate = "20/min"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        if request.method == "GET":
            return None
        shopper = shopper_of(request._request)
        ident = shopper.key if shopper else self.get_ident(request)
        return self.cache_format % {"scope": self.scope, "ident": ident}


class NewestFirst(CursorPagination):
    page_size = 20
    ordering = ("-created_at", "-id")


class OwnPhotoField(serializers.PrimaryKeyRelatedField[PersonPhoto]):
    """One of the shopper's own photos; anybody else's does not exist."""

    def get_queryset(self) -> QuerySet[PersonPhoto]:
        return PersonPhoto.objects.of(self.context["shopper"]).ready()


class AskSerializer(serializers.Serializer[Any]):
    """What to put on whom: a fitting model, or a photo of one's own."""

    fitting_model: serializers.SlugRelatedField[FittingModel] = serializers.SlugRelatedField(
        slug_field="slug", queryset=FittingModel.objects.filter(active=True), required=False
    )
    photo = OwnPhotoField(required=False)
    images = serializers.PrimaryKeyRelatedField(
        many=True,
        allow_empty=False,
        queryset=ProductImage.objects.filter(
            product__status=Product.Status.PUBLISHED
        ).select_related("product__category"),
    )
    engine = serializers.CharField(required=False, max_length=40)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("fitting_model" in attrs) == ("photo" in attrs):
            raise serializers.ValidationError(
                {"fitting_model": [_("Name either a fitting model or a photo of your own.")]}
            )
        return attrs


class TryOnSerializer(serializers.ModelSerializer[TryOn]):
    fitting_model = serializers.SerializerMethodField()
    images = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()
    reason = serializers.SerializerMethodField()

    class Meta:
        model = TryOn
        fields = (
            "id",
            "status",
            "stage",
            "fitting_model",
            "photo",
            "images",
            "engine",
            "engine_version",
            "result",
            "reason",
            "created_at",
            "finished_at",
        )

    def get_fitting_model(self, tryon: TryOn) -> str | None:
        return tryon.fitting_model.slug if tryon.fitting_model else None

    def get_images(self, tryon: TryOn) -> list[int]:
        return [garment.image_id for garment in tryon.garments.all()]

    def get_result(self, tryon: TryOn) -> str | None:
        done = tryon.status == TryOn.Status.DONE
        return reverse("fittingroom:result", args=[tryon.pk]) if done else None

    def get_reason(self, tryon: TryOn) -> dict[str, str] | None:
        if not tryon.reason_code:
            return None
        return {"code": tryon.reason_code, "sentence": str(reasons.sentence(tryon.reason_code))}


class TryOns(GenericAPIView[TryOn]):
    """GET: the shopper's try-ons, newest first. POST: ask for one."""

    authentication_classes = (ShopperSession,)
    renderer_classes = (JSONRenderer,)
    throttle_classes = (PerShopper,)
    pagination_class = NewestFirst
    serializer_class = TryOnSerializer

    def get(self, request: Request) -> Response:
        mine = TryOn.objects.of(shopper_of(request._request)).with_pictures()
        page = self.paginate_queryset(mine)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def post(self, request: Request) -> Response:
        """201 with the try-on (also one that was there already), 409 with a reason."""
        known = shopper_of(request._request)
        asked = AskSerializer(data=request.data, context={"shopper": known})
        asked.is_valid(raise_exception=True)
        shopper = shopper_of(request._request, create=True)
        if shopper is None:
            raise RuntimeError("a shopper was to be made")
        try:
            tryon = services.request_tryon(shopper=shopper, **asked.validated_data)
        except services.CannotTryOn as refusal:
            sentence = str(reasons.sentence(refusal.code, **refusal.details))
            return Response(
                {"reason": {"code": refusal.code, "sentence": sentence}},
                status=status.HTTP_409_CONFLICT,
            )
        return Response(self.get_serializer(tryon).data, status=status.HTTP_201_CREATED)


class OneTryOn(GenericAPIView[TryOn]):
    """GET: one try-on. DELETE: it and its files."""

    authentication_classes = (ShopperSession,)
    renderer_classes = (JSONRenderer,)
    serializer_class = TryOnSerializer

    def get(self, request: Request, pk: UUID) -> Response:
        return Response(self.get_serializer(tryon_of(request._request, pk)).data)

    def delete(self, request: Request, pk: UUID) -> Response:
        services.delete_tryon(tryon=own_tryon_of(request._request, pk))
        return Response(status=status.HTTP_204_NO_CONTENT)
