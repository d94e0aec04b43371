"""Shoppers' own photos: upload, state, picture, keeping time, deletion. Owners only."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from fittingroom.access import own_photo_of
from fittingroom.models import PersonPhoto
from fittingroom.photos import services
from fittingroom.photos.forms import KeepForm, PhotoForm
from fittingroom.shopper import shopper_of
from fittingroom.views import panel
from fittingroom.views.files import own_picture
from fittingroom.views.htmx import is_htmx
from shop.catalogue.models import Product


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Take in a photo with its consents; nothing is kept where something is missing."""
    product = _product(request)
    form = PhotoForm(request.POST, request.FILES)
    photo = None
    if form.is_valid():
        shopper = shopper_of(request, create=True)
        assert shopper is not None  # noqa: S101  made just now
        try:
            photo = services.add_photo(
                shopper=shopper,
                picture=form.cleaned_data["picture"],
                keep_days=form.cleaned_data["keep"],
            )
        except ValidationError as refusal:
            form.add_error("photo", refusal)
    if photo is not None:
        return _shown(request, photo, product)
    if is_htmx(request):
        context = {"form": form, "product": product}
        return render(request, "fittingroom/_photo_form.html", context, status=422)
    return panel.photo_refused(request, product, form)


@require_safe
@never_cache
def photo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Its state. A poll that names the state it knows gets 204 while that is so."""
    found = own_photo_of(request, pk)
    if request.GET.get("status") == found.status:
        return HttpResponse(status=204)
    return _fragment(request, found, _product(request))


@require_safe
def picture(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The photo itself."""
    return own_picture(own_photo_of(request, pk))


@require_POST
def keep(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change how long it is kept, from now on."""
    found = own_photo_of(request, pk)
    form = KeepForm(request.POST)
    if form.is_valid():
        services.keep_photo(photo=found, keep_days=form.cleaned_data["keep"])
    return _shown(request, found, _product(request))


@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Now: the file goes before the answer does. ``results=1`` takes what was made of it too."""
    found = own_photo_of(request, pk)
    services.erase_photo(photo=found, with_results=request.POST.get("results") == "1")
    if is_htmx(request):
        return HttpResponse("", headers={"HX-Trigger": "photo-deleted"})
    return redirect(_page(_product(request)))


def _shown(request: HttpRequest, photo: PersonPhoto, product: Product | None) -> HttpResponse:
    if is_htmx(request):
        return _fragment(request, photo, product)
    return redirect(_page(product))


def _fragment(request: HttpRequest, photo: PersonPhoto, product: Product | None) -> HttpResponse:
    region = str(product.category.region) if product else ""
    context: dict[str, Any] = {
        "photo": photo,
        "product": product,
        "region_problem": photo.problems.get(region, ""),
    }
    return render(request, "fittingroom/_photo.html", context)


def _product(request: HttpRequest) -> Product | None:
    """The product whose panel this came from; any other page has none."""
    wanted = request.POST.get("product") or request.GET.get("product") or ""
    if not wanted.isdecimal():
        return None
    return Product.objects.published().with_details().filter(pk=int(wanted)).first()


def _page(product: Product | None) -> str:
    """Where to go on without scripts."""
    if product is None:
        return reverse("fittingroom:history")
    return reverse("fittingroom:panel", args=[product.pk]) + "?who=me"
