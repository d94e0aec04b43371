"""Every lock of the fitting room. Nowhere else are rows locked."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from fittingroom.models import TryOn
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
