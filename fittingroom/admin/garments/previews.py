"""Try-ons of a picture on two people, for the member of staff who corrects it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse

from fittingroom import engines, fingerprints, reasons, services
from fittingroom.models import FittingModel, GarmentLabels, TryOn
from fittingroom.shopper import Shopper

Status = GarmentLabels.Status
#: How many people a preview shows.
PREVIEWS = 2


def order(user: Any, labels: GarmentLabels) -> None:
    """Try-ons of the member of staff's own, as a shopper would ask for them."""
    shopper = Shopper(user_id=user.pk)
    try:
        for model in FittingModel.objects.filter(active=True)[:PREVIEWS]:
            services.request_tryon(shopper=shopper, fitting_model=model, images=[labels.image])
    except services.CannotTryOn as error:
        raise ValidationError(str(reasons.sentence(error.code, **error.details))) from error


def shown(user: Any, labels: GarmentLabels) -> list[dict[str, Any]]:
    """Those that show the labels as they are now."""
    worn = [(labels.image, labels.image.product.category.region)]
    spec = engines.choose([region for _image, region in worn])
    if spec is None or labels.status in (Status.FAILED, Status.WAITING):
        return []
    try:
        hashes = [
            fingerprints.of_tryon(model, worn, spec)
            for model in FittingModel.objects.filter(active=True)[:PREVIEWS]
        ]
    except OSError:
        return []
    tryons = (
        TryOn.objects.of(Shopper(user_id=user.pk))
        .filter(content_hash__in=hashes)
        .select_related("fitting_model")
        .order_by("content_hash", "-created_at")
        .distinct("content_hash")
    )
    return [
        {
            "name": str(tryon.fitting_model),
            "active": tryon.is_active,
            "said": str(reasons.sentence(tryon.reason_code))
            if tryon.reason_code
            else tryon.get_status_display(),
            "url": reverse("fittingroom:result", args=[tryon.pk])
            if tryon.status == TryOn.Status.DONE
            else "",
        }
        for tryon in tryons
    ]
