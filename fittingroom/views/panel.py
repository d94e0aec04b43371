"""The panel on a product's page: who wears it, and the request for a picture."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from fittingroom import reasons, services
from fittingroom.forms import FittingForm
from fittingroom.models import FittingModel, PersonPhoto
from fittingroom.photos.forms import PhotoForm
from fittingroom.shopper import shopper_of
from fittingroom.views.htmx import is_htmx
from fittingroom.views.tryons import shown, url_of
from shop.catalogue.models import Product, ProductImage

#: So many people are worth filtering.
FILTERS_FROM = 8
#: Heights in cm that go together: from, below.
HEIGHT_BANDS = ((0, 160), (160, 170), (170, 180), (180, 300))
#: The last person chosen, so that the next product starts with them.
MODEL_COOKIE = "fitting_model"
#: Whether that was a fitting model or the shopper's own photo: the panel's tab.
WHO_COOKIE = "fitting_who"
MODEL, ME = "model", "me"
COOKIE_AGE = 60 * 60 * 24 * 180


@require_safe
@never_cache
def panel(request: HttpRequest, product_pk: int) -> HttpResponse:
    """Choose who wears the product."""
    product = _product(product_pk)
    return _panel(request, product, image=_garment_image(product, request.GET.get("image")))


@require_POST
def request_tryon(request: HttpRequest, product_pk: int) -> HttpResponse:
    """Ask for a picture; the answer is the try-on, or the panel with what is wrong."""
    product = _product(product_pk)
    form = FittingForm(request.POST, shopper=shopper_of(request))
    image = _garment_image(product, request.POST.get("image"))
    who = ME if "photo" in request.POST or request.POST.get("who") == ME else MODEL
    if not form.is_valid():
        return _panel(request, product, image=image, who=who, error=form.sentence)
    person: FittingModel | None = form.cleaned_data["fitting_model"]
    photo: PersonPhoto | None = form.cleaned_data["photo"]
    shopper = shopper_of(request, create=True)
    assert shopper is not None  # noqa: S101  made just now
    try:
        tryon = services.request_tryon(
            shopper=shopper,
            fitting_model=person,
            photo=photo,
            images=[image] if image else [],
        )
    except services.CannotTryOn as refusal:
        error = reasons.sentence(refusal.code, **refusal.details)
        return _panel(request, product, image=image, who=who, error=error, chosen=person)
    response: HttpResponse
    if not is_htmx(request):
        response = redirect(url_of(tryon))
    elif "/t/" in request.headers.get("HX-Current-URL", ""):
        # Another try-on's own page: this one has its own address.
        response = HttpResponseClientRedirect(url_of(tryon))
    else:
        response = shown(request, tryon)
    _remember(request, response, WHO_COOKIE, who)
    if person is not None:
        _remember(request, response, MODEL_COOKIE, person.slug)
    return response


def photo_refused(request: HttpRequest, product: Product | None, form: PhotoForm) -> HttpResponse:
    """Without scripts: the page that a photo was sent from, with what is wrong with it."""
    if product is None:
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("fittingroom:history")
    return _panel(request, product, image=product.garment_image, who=ME, photo_form=form)


def _product(pk: int) -> Product:
    return get_object_or_404(Product.objects.published().with_details(), pk=pk)


def _garment_image(product: Product, wanted: str | None) -> ProductImage | None:
    """The picture asked for, if it is one of this product's; else the product's first."""
    images = product.garment_images
    return next((image for image in images if str(image.pk) == wanted), product.garment_image)


def _panel(
    request: HttpRequest,
    product: Product,
    *,
    image: ProductImage | None,
    who: str = "",
    error: str = "",
    chosen: FittingModel | None = None,
    photo_form: PhotoForm | None = None,
) -> HttpResponse:
    """Both tabs; ``error`` belongs to the one that ``who`` names."""
    who = who or request.GET.get("who") or request.COOKIES.get(WHO_COOKIE, "")
    people = list(FittingModel.objects.filter(active=True))
    last = chosen.slug if chosen else request.COOKIES.get(MODEL_COOKIE, "")
    slugs = [person.slug for person in people]
    photos = _photos(request, product)
    ready, checking = PersonPhoto.Status.READY, PersonPhoto.Status.CHECKING
    usable = [photo.pk for photo, problem in photos if photo.status == ready and not problem]
    context = {
        "product": product,
        "garment_image": image,
        "who": ME if who == ME else MODEL,
        "people": people,
        **(_filters(people) if len(people) >= FILTERS_FROM else {}),
        "chosen": last if last in slugs else (slugs[0] if slugs else ""),
        "photos": photos,
        "chosen_photo": usable[0] if usable else "",
        "checking": any(photo.status == checking for photo, _problem in photos),
        "form": photo_form,
        "error": error,
        "refusal": "" if product.garment_image else reasons.sentence("not_supported"),
    }
    status = 422 if error or photo_form else 200
    if not is_htmx(request):
        return render(request, "fittingroom/panel_page.html", context, status=status)
    response = render(request, "fittingroom/_panel.html", context, status=status)
    if request.method == "POST":
        # The form aims at the stage; what is wrong belongs into the panel.
        response = reswap(retarget(response, "#fitting-panel-content"), "innerHTML")
    return response


def _filters(people: list[FittingModel]) -> dict[str, Any]:
    """The height bands and sizes that divide these people."""
    bands = [band for band in HEIGHT_BANDS if any(band[0] <= p.height_cm < band[1] for p in people)]
    sizes = list(dict.fromkeys(person.size_worn for person in people if person.size_worn))
    return {
        "bands": bands if len(bands) > 1 else [],
        "sizes": sizes if len(sizes) > 1 else [],
    }


def _photos(request: HttpRequest, product: Product) -> list[tuple[PersonPhoto, str]]:
    """The shopper's photos, newest first, and why one cannot wear the product.

    On a page of its own, a refused one is among them while nothing is newer: without scripts
    that page is what says so.
    """
    refused, whole_page = PersonPhoto.Status.REFUSED, not is_htmx(request)
    shown = PersonPhoto.objects.of(shopper_of(request)).shown()
    found = [
        photo
        for place, photo in enumerate(shown)
        if photo.status != refused or (whole_page and place == 0)
    ]
    return [(photo, photo.problems.get(str(product.category.region), "")) for photo in found]


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
