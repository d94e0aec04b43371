"""What a shopper has tried on: all of it, one picture, and what can be done with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from fittingroom import reasons, services
from fittingroom.access import own_tryon_of, tryon_of
from fittingroom.forms import RatingForm
from fittingroom.models import PersonPhoto, ReasonCode, TryOn
from fittingroom.photos.services import result_days
from fittingroom.shopper import shopper_of
from fittingroom.views.htmx import is_htmx

PER_PAGE = 12
#: Nobody else's body would help.
GARMENT_FAULTS = (ReasonCode.NO_GARMENT, ReasonCode.NOT_SUPPORTED)


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
def tryon(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One try-on, waiting or finished. A poll that names the stage it knows gets 204 for it."""
    tryon = tryon_of(request, pk)
    if is_htmx(request) and request.GET.get("stage") == tryon.stage:
        return HttpResponse(status=204)
    return shown(request, tryon)


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    tryon = own_tryon_of(request, pk)
    services.cancel_tryon(tryon=tryon)
    return shown(request, tryon) if is_htmx(request) else redirect(url_of(tryon))


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
        return shown(request, tryon, status=status, form=form, rating_error=error)
    messages.success(request, _("Thank you. Your rating is saved."))
    return redirect(url_of(tryon))


def url_of(tryon: TryOn) -> str:
    """The page of a try-on."""
    return reverse("fittingroom:tryon", args=[tryon.pk])


def worn(tryon: TryOn) -> dict[str, Any]:
    """What is worn: the garments, and the product that the page leads back to."""
    garments = list(
        tryon.garments.select_related("image__product__brand", "image__product__category")
    )
    return {"garments": garments, "product": garments[0].image.product if garments else None}


def shown(
    request: HttpRequest,
    tryon: TryOn,
    *,
    status: int = 200,
    form: RatingForm | None = None,
    **more: Any,
) -> HttpResponse:
    """One try-on, as a fragment or a page; ``more`` goes to its template."""
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
        **worn(tryon),
        **more,
    }
    template = "fittingroom/_tryon.html" if is_htmx(request) else "fittingroom/tryon.html"
    return render(request, template, context, status=status)


def _erased_on(tryon: TryOn) -> datetime | None:
    """When a picture made of the shopper's own photo goes; None for other pictures."""
    if tryon.photo is None or tryon.finished_at is None:
        return None
    return tryon.finished_at + timedelta(days=result_days()[tryon.photo.keep_days])
