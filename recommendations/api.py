"""Looks for programs: read only, the same for everybody. The pages do not need it."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from recommendations.models import Look, LookItem


class InOrder(CursorPagination):
    """As the merchant ordered them."""

    page_size = 20
    ordering = ("position", "id")


class ItemSerializer(serializers.ModelSerializer[LookItem]):
    title = serializers.CharField(source="product.title")
    brand = serializers.CharField(source="product.brand.name")
    url = serializers.CharField(source="product.get_absolute_url")
    colour = serializers.SerializerMethodField()
    picture = serializers.SerializerMethodField()
    price_krw = serializers.IntegerField(source="price")
    try_on = serializers.SerializerMethodField()

    class Meta:
        model = LookItem
        fields = (
            "product",
            "title",
            "brand",
            "url",
            "colour",
            "picture",
            "price_krw",
            "in_stock",
            "try_on",
        )

    def get_colour(self, item: LookItem) -> str:
        return item.shown_colour.name if item.shown_colour else ""

    def get_picture(self, item: LookItem) -> str | None:
        return item.picture.src if item.picture else None

    def get_try_on(self, item: LookItem) -> int | None:
        """The id that ``POST /api/tryons/`` takes as one of its ``images``."""
        return item.garment_image.pk if item.garment_image else None


class LookSerializer(serializers.ModelSerializer[Look]):
    title = serializers.CharField()
    description = serializers.CharField()
    url = serializers.SerializerMethodField()
    price_krw = serializers.IntegerField(source="price")
    items = ItemSerializer(many=True)

    class Meta:
        model = Look
        fields = ("slug", "title", "description", "url", "price_krw", "items")

    def get_url(self, look: Look) -> str:
        return reverse("recommendations:look", args=[look.slug])


class Looks(GenericAPIView[Look]):
    """GET: the Looks that shoppers see, in the shop's order."""

    authentication_classes: Any = ()
    renderer_classes = (JSONRenderer,)
    pagination_class = InOrder
    serializer_class = LookSerializer

    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(Look.objects.visible().with_items())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class OneLook(GenericAPIView[Look]):
    """GET: one Look."""

    authentication_classes: Any = ()
    renderer_classes = (JSONRenderer,)
    serializer_class = LookSerializer

    def get(self, request: Request, slug: str) -> Response:
        look = get_object_or_404(Look.objects.visible().with_items(), slug=slug)
        return Response(self.get_serializer(look).data)
