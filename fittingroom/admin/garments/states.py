"""How far a picture is, in colours and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from fittingroom.garments import wording
from fittingroom.models import GarmentLabels
from shop.catalogue.models import Region

Status, Failure = GarmentLabels.Status, GarmentLabels.Failure
TONES = {
    Status.READY: "good",
    Status.GIVEN: "good",
    Status.CORRECTED: "good",
    Status.NEEDS_ATTENTION: "todo",
    Status.FAILED: "bad",
}
ADVICE: Mapping[str, Any] = {
    Failure.NO_GARMENT: _(
        "No garment could be told from its background. Mark it with a few clicks, or use a "
        "picture on a plain ground."
    ),
    Failure.BAD_IMAGE: _("The picture cannot be read. Upload it again."),
    Failure.FAILED: _("Reading it failed several times. Start over, or upload it again."),
    Status.NEEDS_ATTENTION: _(
        "Mask or landmarks may be wrong. Correct what is off, then accept; or replace the picture."
    ),
}


def tone(labels: GarmentLabels) -> str:
    """The colour of its state."""
    return TONES.get(Status(labels.status), "busy")


def advice(labels: GarmentLabels) -> Any:
    """What to do about this state; empty where nothing is."""
    return ADVICE.get(labels.failure or labels.status, "")


def contradiction(labels: GarmentLabels) -> str:
    """Said of a picture that looks like something else than its category."""
    return _("It looks like “%(kind)s”, but its category is dressed as “%(region)s”.") % {
        "kind": wording.CATEGORIES.get(labels.category, labels.category),
        "region": Region(labels.region).label,
    }
