"""The database refuses what the code must never write."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from fittingroom.models import FittingModel, Rating, TryOn, TryOnGarment
from tests.factories import (
    FittingModelFactory,
    RatingFactory,
    TryOnFactory,
    TryOnGarmentFactory,
)

pytestmark = pytest.mark.django_db


def refused(constraint: str, queryset: Any, **fields: Any) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        queryset.update(**fields)


@pytest.mark.parametrize(
    ("constraint", "state", "fields"),
    [
        ("tryon_one_owner", {}, {"visitor": uuid.uuid4()}),
        ("tryon_one_owner", {}, {"user": None}),
        ("tryon_status_known", {}, {"status": "sleeping"}),
        ("tryon_done_has_result", {"done": True}, {"result": ""}),
        ("tryon_erased_has_no_result", {"done": True}, {"erased_at": timezone.now()}),
        ("tryon_reason_iff_failed", {"failed": True}, {"reason_code": ""}),
        ("tryon_reason_iff_failed", {}, {"reason_code": "failed"}),
        ("tryon_lease_iff_running", {}, {"status": "dressing"}),
        ("tryon_lease_iff_running", {}, {"lease_until": timezone.now()}),
        ("tryon_finished_iff_over", {"failed": True}, {"finished_at": None}),
        ("tryon_finished_iff_over", {}, {"finished_at": timezone.now()}),
    ],
)
def test_try_ons(constraint: str, state: dict[str, bool], fields: dict[str, Any]) -> None:
    TryOnFactory(**state)
    refused(constraint, TryOn.objects, **fields)


def test_garments() -> None:
    garment = TryOnGarmentFactory()
    refused("tryongarment_region_dressable", TryOnGarment.objects, region="none")
    with pytest.raises(IntegrityError, match="tryongarment_layer_unique"), transaction.atomic():
        TryOnGarmentFactory(tryon=garment.tryon, layer=garment.layer)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("rating_realism_1_to_5", {"realism": 6}),
        ("rating_liking_1_to_5", {"liking": 0}),
        ("rating_not_empty", {"realism": None, "liking": None}),
        ("rating_reasons_when_low", {"reasons": ["fit"]}),
        ("rating_reasons_when_low", {"reasons": ["fit"], "realism": None}),
        ("rating_reasons_when_low", {"reasons": ["fit"], "liking": None}),
    ],
)
def test_ratings(constraint: str, fields: dict[str, Any]) -> None:
    RatingFactory(realism=4, liking=5)
    refused(constraint, Rating.objects, **fields)


def test_one_rating_per_try_on() -> None:
    rating = RatingFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        RatingFactory(tryon=rating.tryon)


def test_fitting_models() -> None:
    FittingModelFactory()
    refused("fittingmodel_height_sane", FittingModel.objects, height_cm=20)
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        FittingModel.objects.update(height_cm=-1)
