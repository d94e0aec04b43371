"""The fitting room's pages and the fragments that htmx puts into them.

Each view answers both: a fragment when htmx asks, else a whole page or a redirect, so that
everything works without scripts.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget

from fittingroom import reasons, services
from fittingroom.access import own_tryon_of, shared_tryon, tryon_of
from fittingroom.forms import FittingForm, RatingForm
from fittingroom.models import FittingModel, PersonPhoto, ReasonCode, TryOn
from fittingroom.photos.forms import PhotoForm
from fittingroom.photos.services import result_days
from fittingroom.shopper import shopper_of
from shop.catalogue.models import Product, ProductImage

PER_PAGE = 12
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
#: Nobody else's body would help.
GARMENT_FAULTS = (ReasonCode.NO_GARMENT, ReasonCode.NOT_SUPPORTED)


def is_htmx(request: HttpRequest) -> bool:
    """Whether the answer is a fragment; else it is a page."""
    return bool(getattr(request, "htmx", False))


@require_safe
@never_cache
def history(request: HttpRequest) -> HttpResponse:
    """My fitting room: everything tried on, newest first."""
    tryons = TryOn.objects.of(shopper_of(request)).with_pictures()
    page = Paginator(tryons, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "fittingroom/history.html",
        {
            "page_obj": page,
            "page_range": page.paginator.get_elided_page_range(page.number, on_each_side=1),
            "keep_days": 0 if request.user.is_authenticated else settings.TRYON_VISITOR_DAYS,
            "photos": PersonPhoto.objects.of(shopper_of(request)).live(),
        },
    )


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
        response = redirect(_url(tryon))
    elif "/t/" in request.headers.get("HX-Current-URL", ""):
        # Another try-on's own page: this one has its own address.
        response = HttpResponseClientRedirect(_url(tryon))
    else:
        response = _shown(request, tryon)
    _remember(request, response, WHO_COOKIE, who)
    if person is not None:
        _remember(request, response, MODEL_COOKIE, person.slug)
    return response


@require_safe
@never_cache
def tryon(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One try-on, waiting or finished. A poll that names the stage it knows gets 204 for it."""
    tryon = tryon_of(request, pk)
    if is_htmx(request) and request.GET.get("stage") == tryon.stage:
        return HttpResponse(status=204)
    return _shown(request, tryon)


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    tryon = own_tryon_of(request, pk)
    services.cancel_tryon(tryon=tryon)
    return _shown(request, tryon) if is_htmx(request) else redirect(_url(tryon))


@require_POST
def delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Picture and row go. The product page just loses its picture; other pages change."""
    tryon = own_tryon_of(request, pk)
    services.delete_tryon(tryon=tryon)
    if is_htmx(request) and request.headers.get("HX-Target") == "fitting-stage":
        here = request.headers.get("HX-Current-URL", "")
        if str(pk) not in here:
            return render(request, "fittingroom/_stage_empty.html", {"announce": _("Deleted.")})
        messages.success(request, _("The picture is deleted."))
        return HttpResponseClientRedirect(reverse("fittingroom:history"))
    if is_htmx(request):
        return HttpResponse("")
    messages.success(request, _("The picture is deleted."))
    return redirect("fittingroom:history")


@require_POST
def rate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Save or change the rating. htmx gets one line that says so."""
    tryon = own_tryon_of(request, pk)
    form = RatingForm(request.POST)
    error = ""
    if form.is_valid():
        try:
            services.rate_tryon(tryon=tryon, **form.cleaned_data)
        except ValidationError as refusal:
            error = refusal.messages[0]
    else:
        error = str(next(iter(form.errors.values()))[0])
    status = 422 if error else 200
    if is_htmx(request):
        return render(request, "fittingroom/_rating_status.html", {"error": error}, status=status)
    if error:
        return _shown(request, tryon, status=status, form=form, rating_error=error)
    messages.success(request, _("Thank you. Your rating is saved."))
    return redirect(_url(tryon))


@require_POST
def share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make a link that shows the picture for some days."""
    tryon = own_tryon_of(request, pk)
    try:
        token = services.share_link(tryon=tryon)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect(_url(tryon))
    link = request.build_absolute_uri(reverse("fittingroom:shared", args=[token]))
    context = {"tryon": tryon, "link": link, "share_days": settings.TRYON_SHARE_DAYS}
    if is_htmx(request):
        return render(request, "fittingroom/_share.html", context)
    return _shown(request, tryon, **context)


@require_POST
def unshare(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close the links given out."""
    tryon = own_tryon_of(request, pk)
    services.revoke_share(tryon=tryon)
    if is_htmx(request):
        return render(request, "fittingroom/_share.html", {"tryon": tryon, "revoked": True})
    messages.success(request, _("The link no longer works."))
    return redirect(_url(tryon))


@require_safe
@never_cache
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What the holder of a share link sees."""
    tryon = shared_tryon(token)
    context = {"tryon": tryon, "token": token, **_worn(tryon)}
    response = render(request, "fittingroom/shared.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _product(pk: int) -> Product:
    return get_object_or_404(Product.objects.published().with_details(), pk=pk)


def _garment_image(product: Product, wanted: str | None) -> ProductImage | None:
    """The picture asked for, if it is one of this product's; else the product's first."""
    images = product.garment_images
    return next((image for image in images if str(image.pk) == wanted), product.garment_image)


def _url(tryon: TryOn) -> str:
    return reverse("fittingroom:tryon", args=[tryon.pk])


def _worn(tryon: TryOn) -> dict[str, Any]:
    """What is worn: the garments, and the product that the page leads back to."""
    garments = list(
        tryon.garments.select_related("image__product__brand", "image__product__category")
    )
    return {"garments": garments, "product": garments[0].image.product if garments else None}


def photo_refused(request: HttpRequest, product: Product | None, form: PhotoForm) -> HttpResponse:
    """Without scripts: the page that a photo was sent from, with what is wrong with it."""
    if product is None:
        messages.error(request, str(next(iter(form.errors.values()))[0]))
        return redirect("fittingroom:history")
    return _panel(request, product, image=product.garment_image, who=ME, photo_form=form)


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


def _shown(
    request: HttpRequest,
    tryon: TryOn,
    *,
    status: int = 200,
    form: RatingForm | None = None,
    **more: Any,
) -> HttpResponse:
    shopper = shopper_of(request)
    owner = shopper is not None and (tryon.user_id, tryon.visitor) == (
        shopper.user_id,
        shopper.visitor,
    )
    context = {
        "tryon": tryon,
        "person": tryon.person,
        "erased_on": _erased_on(tryon),
        "owner": owner,
        "garment_at_fault": tryon.reason_code in GARMENT_FAULTS,
        "reason": reasons.sentence(tryon.reason_code) if tryon.reason_code else "",
        "form": form or RatingForm.of(getattr(tryon, "rating", None)),
        **_worn(tryon),
        **more,
    }
    template = "fittingroom/_tryon.html" if is_htmx(request) else "fittingroom/tryon.html"
    return render(request, template, context, status=status)


def _erased_on(tryon: TryOn) -> datetime | None:
    """When a picture made of the shopper's own photo goes; None for other pictures."""
    if tryon.photo is None or tryon.finished_at is None:
        return None
    return tryon.finished_at + timedelta(days=result_days()[tryon.photo.keep_days])


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
