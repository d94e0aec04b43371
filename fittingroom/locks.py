"""Every lock of the fitting room. Nowhere else are rows locked."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from fittingroom.models import FittingModel, GarmentLabels, PersonPhoto, TryOn
from fittingroom.querysets import LIVE
from fittingroom.shopper import Shopper


def lock_shopper(shopper: Shopper) -> None:
    """Let one request of a shopper in at a time, until the transaction ends.

    An advisory lock: a visitor has no row of their own, and the rows that a second request must
    not duplicate do not exist yet.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("lock_shopper() holds nothing outside a transaction")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"fittingroom:{shopper.key}"]
        )


def lock_tryon(pk: UUID) -> TryOn:
    """The row as it is now, held until the transaction ends. Raises TryOn.DoesNotExist."""
    return TryOn.objects.select_for_update(of=("self",)).get(pk=pk)


def lock_photos(pks: Sequence[UUID]) -> list[UUID]:
    """Which of these still have their picture; held until the transaction ends.

    A request for a try-on and the erasure of its photo both hold the row, so that neither passes
    the other.
    """
    rows = PersonPhoto.objects.select_for_update(of=("self",)).filter(pk__in=pks, status__in=LIVE)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def lock_fitting_model(pk: int) -> FittingModel:
    """The row as it is now; a try-on of this person that is being asked for waits, or is there
    already. Raises FittingModel.DoesNotExist."""
    return FittingModel.objects.select_for_update(of=("self",)).get(pk=pk)


def lock_labels(pk: int) -> GarmentLabels:
    """The row with its picture as they are now. Raises GarmentLabels.DoesNotExist."""
    rows = GarmentLabels.objects.select_related("image__product__category")
    return rows.select_for_update(of=("self",)).get(pk=pk)
