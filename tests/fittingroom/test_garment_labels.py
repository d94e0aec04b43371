"""Labels of catalogue pictures: found in the background, corrected by staff, never lost."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from fittingroom import dispatch, fingerprints, preparations, tasks
from fittingroom.garments import corrections, labelling, pictures, rows
from fittingroom.models import GarmentLabels
from ml.errors import NoGarment
from ml.garment import annotate
from shop.catalogue import pictures as catalogue_pictures
from shop.catalogue import services
from shop.catalogue.models import Product, ProductImage, Region
from tests import drawings
from tests.factories import (
    GarmentLabelsFactory,
    ProductFactory,
    ProductImageFactory,
    TryOnFactory,
    UserFactory,
)
from tests.fittingroom.engines import BLUE, RECOLOUR, RED, Recolour
from tests.processes import Process, wait_until

pytestmark = pytest.mark.django_db
Status = GarmentLabels.Status
DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo" / "garments"


@pytest.fixture(autouse=True)
def in_one_round(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is."""
    monkeypatch.setattr(labelling, "SECONDS", 600.0)


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Rows that a worker was told about."""
    told: list[int] = []
    monkeypatch.setattr(dispatch, "send_labels", told.append)
    return told


@pytest.fixture
def clara(db: None) -> Any:
    return UserFactory(email="clara@example.com", is_staff=True)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows with each picture that the annotator reads."""
    asked: list[str] = []
    real = annotate.annotate

    def counting(picture: Any, **options: Any) -> Any:
        asked.append(str(options.get("region")))
        return real(picture, **options)

    monkeypatch.setattr(annotate, "annotate", counting)
    return asked


def labels_of(image: ProductImage) -> GarmentLabels:
    return GarmentLabels.objects.get(image=image)


def labelled(image: ProductImage) -> GarmentLabels:
    labelling.run()
    return labels_of(image)


def correct(labels: GarmentLabels, user: Any, **wishes: Any) -> GarmentLabels:
    return corrections.correct(labels=labels, user=user, picture=labels.picture, **wishes)


def replace_file(image: ProductImage, data: bytes) -> None:
    """As a merchant does."""
    services.save_picture(image=image, picture=catalogue_pictures.decode(data))


def mask_of(labels: GarmentLabels) -> np.ndarray:
    return pictures.mask_of(bytes(labels.mask or b"")) > 127


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(ValidationError) as caught:
        yield
    assert caught.value.code == code


def near(found: str, drawn: tuple[int, int, int]) -> bool:
    rgb = [int(found[i : i + 2], 16) for i in (1, 3, 5)]
    return max(abs(a - b) for a, b in zip(rgb, drawn, strict=True)) < 24


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


# --- in the background --------------------------------------------------------------------------


def test_a_picture_is_read_once(tee: ProductImage, calls: list[str]) -> None:
    assert labelling.run() == 1
    labels = labels_of(tee)
    assert labels.status in (Status.READY, Status.NEEDS_ATTENTION)
    assert (labels.width, labels.height) == drawings.GARMENT_SIZE
    assert labels.picture == tee.file.name
    assert labels.cut == "top"
    assert "shoulder_left" in labels.landmarks
    assert labels.version == labelling.VERSION
    assert [each["share"] for each in labels.colours] == [1.0]
    assert near(labels.colours[0]["hex"], RED)
    drawn = np.array(Image.open(io.BytesIO(drawings.garment_photo())).convert("L")) < 200
    assert overlap(mask_of(labels), drawn) > 0.95
    assert labelling.run() == 0, "and nothing is due any more"
    assert len(calls) == 1


def test_the_outline_is_the_mask(tee: ProductImage) -> None:
    from PIL import ImageDraw

    labels = labelled(tee)
    filled = Image.new("1", (labels.width, labels.height))
    for polygon in labels.outline:
        ImageDraw.Draw(filled).polygon([tuple(point) for point in polygon], fill=1, outline=1)
    assert overlap(np.array(filled), mask_of(labels)) > 0.97


def test_only_what_can_be_worn_is_read(make_tee: Callable[..., ProductImage]) -> None:
    draft = make_tee(product__status=Product.Status.DRAFT)
    make_tee(role=ProductImage.Role.WORN)
    make_tee(product__category__region=Region.NONE)
    assert labelling.run() == 1
    assert labels_of(draft).status != Status.WAITING, "before it is published, too"
    assert GarmentLabels.objects.count() == 1


def test_what_has_no_mask_comes_before_what_came_with_one(
    make_tee: Callable[..., ProductImage],
) -> None:
    new = make_tee(product__status=Product.Status.DRAFT)
    GarmentLabelsFactory(status="waiting", kept=True)
    labelling.enrol()
    assert GarmentLabels.objects.due()[0].image_id == new.pk


def test_published_and_new_pictures_come_first(make_tee: Callable[..., ProductImage]) -> None:
    old, new = make_tee(), make_tee()
    draft = make_tee(product__status=Product.Status.DRAFT)
    labelling.enrol()
    due = GarmentLabels.objects.due().values_list("image_id", flat=True)
    assert list(due) == [new.pk, old.pk, draft.pk]


def test_while_shoppers_wait_one_picture_is_read(make_tee: Callable[..., ProductImage]) -> None:
    make_tee(), make_tee(BLUE)
    TryOnFactory()  # brings a picture of its own
    assert labelling.run() == 1
    assert labelling.is_due()


def test_another_file_is_read_anew_and_its_corrections_are_not_kept(
    tee: ProductImage, clara: Any
) -> None:
    labels = labelled(tee)
    correct(labels, clara, landmarks={"hem_left": [150.0, 250.0, 2]})
    blue = Image.open(io.BytesIO(drawings.garment_photo(BLUE))).resize((300, 400))
    replace_file(tee, drawings.encode(blue))

    # Until it is read, nothing of the old one holds.
    assert not GarmentLabels.objects.digest_of(tee, Region.UPPER)
    _rgb, annotation = labelling.read_for_dressing(tee, Region.UPPER)
    assert annotation.mask.shape == (400, 300)
    labels = labelled(tee)
    assert labels.status in (Status.READY, Status.NEEDS_ATTENTION)
    assert (labels.width, labels.height) == (300, 400)
    assert not labels.kept
    assert labels.moved == {}
    assert labels.corrected_by is None
    assert near(labels.colours[0]["hex"], BLUE)


def test_another_region_is_read_anew(tee: ProductImage, clara: Any, calls: list[str]) -> None:
    correct(labelled(tee), clara)
    tee.product.category.region = Region.DRESS
    tee.product.category.save()
    assert not GarmentLabels.objects.digest_of(tee, Region.DRESS)
    labels = labelled(tee)
    assert calls == ["upper", "dress"]
    assert (labels.region, labels.cut, labels.kept) == ("dress", "dress", False)


def test_a_new_annotator_reads_all_but_what_staff_checked(
    make_tee: Callable[..., ProductImage], clara: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, checked = make_tee(), make_tee(BLUE)
    labelling.run()
    correct(labels_of(checked), clara, landmarks={"hem_left": [150.0, 250.0, 2]})
    before = labels_of(checked).content_digest
    monkeypatch.setattr(labelling, "VERSION", "newer")
    assert labelling.run() == 1
    assert labels_of(own).version == "newer"
    assert labels_of(checked).version != "newer"
    assert labels_of(checked).content_digest == before
    assert labels_of(checked).status == Status.CORRECTED


def test_a_picture_without_a_garment_is_said_and_left(
    make_tee: Callable[..., ProductImage],
) -> None:
    blank = drawings.encode(Image.new("RGB", (240, 320), (250, 250, 250)))
    nothing = ProductImageFactory(file=ContentFile(blank, name=f"{uuid.uuid4().hex}.png"))
    gone = make_tee()
    gone.file.storage.delete(gone.file.name)
    assert labelling.run() == 2
    assert labels_of(nothing).status == Status.FAILED
    assert labels_of(nothing).failure == "no_garment"
    assert labels_of(nothing).width == 240, "so that somebody can click on it"
    assert labels_of(gone).failure == "bad_image"
    assert labelling.run() == 0


def test_labels_go_with_their_picture(make_tee: Callable[..., ProductImage]) -> None:
    one, other = make_tee(), make_tee()
    labelling.run()
    services.delete_product_image(image=one)
    services.delete_products(products=[other.product])
    assert not GarmentLabels.objects.exists()


def test_labels_survive_a_slip_of_the_role(tee: ProductImage, clara: Any) -> None:
    correct(labelled(tee), clara, landmarks={"hem_left": [150.0, 250.0, 2]})
    ProductImage.objects.filter(pk=tee.pk).update(role=ProductImage.Role.DETAIL)
    labelling.run()
    ProductImage.objects.filter(pk=tee.pk).update(role=ProductImage.Role.FLAT)
    assert labelled(tee).landmarks["hem_left"] == [150.0, 250.0, 2]


# --- workers that die -----------------------------------------------------------------------------


class Killed(BaseException):
    """Ends the process in real life."""


@pytest.fixture
def killing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(annotate, "annotate", die)
        yield


def lose_lease() -> None:
    GarmentLabels.objects.update(lease_until=timezone.now() - timedelta(seconds=1))


def test_what_a_killed_worker_had_is_done_by_another(
    tee: ProductImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(annotate, "annotate", die)
        with pytest.raises(Killed):
            labelling.run()
    assert labelling.run() == 0, "its lease holds"
    lose_lease()
    assert labelling.run() == 1
    assert labels_of(tee).attempts == 0


def test_a_picture_that_kills_is_given_up(tee: ProductImage, killing: None) -> None:
    for _ in range(labelling.ATTEMPTS):
        with pytest.raises(Killed):
            labelling.run()
        lose_lease()
    labelling.run()
    labels = labels_of(tee)
    assert (labels.status, labels.failure) == (Status.FAILED, "failed")
    assert labelling.run() == 0


def test_errors_are_tried_again_after_a_pause(
    tee: ProductImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("no memory left")

    with monkeypatch.context() as patched:
        patched.setattr(annotate, "annotate", fail)
        assert labelling.run() == 0
    assert labelling.run() == 0, "not at once"
    lose_lease()
    assert labelling.run() == 1


def test_a_worker_that_comes_back_from_the_dead_writes_nothing(
    tee: ProductImage, clara: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = labelled(tee)
    corrections.start_over(labels=labels)
    real = labelling._answer

    def slow(row: GarmentLabels) -> dict[str, Any]:
        answer = real(row)
        correct(labels_of(tee), clara, clicks=[[120.0, 160.0, 1]])  # meanwhile
        return answer

    monkeypatch.setattr(labelling, "_answer", slow)
    assert labelling.label(labels.pk) == "lost"
    assert labels_of(tee).status == Status.WAITING
    monkeypatch.setattr(labelling, "_answer", real)
    assert labelling.label(labels.pk) == "labelled"
    assert labels_of(tee).status == Status.CORRECTED


def test_two_workers_do_not_take_the_same_picture(
    tee: ProductImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = labelling._answer
    rival = []

    def watched(row: GarmentLabels) -> dict[str, Any]:
        rival.append(labelling.label(row.pk))
        return real(row)

    monkeypatch.setattr(labelling, "_answer", watched)
    labelling.run()
    assert rival == ["not_waiting"]


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_reads_what_is_saved(
    live_worker: Process, tee: ProductImage, sent: list[int]
) -> None:
    tasks.label_garments.delay()
    wait_until(lambda: GarmentLabels.objects.exclude(status=Status.WAITING).exists(), seconds=90)
    labels = labels_of(tee)
    assert labels.mask is not None
    corrections.start_over(labels=labels)
    tasks.label_garment.delay(str(labels.pk))
    wait_until(lambda: labels_of(tee).status != Status.WAITING, seconds=60)


# --- dressing -------------------------------------------------------------------------------------


def test_a_try_on_reads_on_the_spot_and_keeps_what_it_found(
    tee: ProductImage, calls: list[str]
) -> None:
    preparations.garment(tee, Region.UPPER, RECOLOUR, Recolour())
    labels = labels_of(tee)
    assert labels.mask is not None
    assert labels.status == Status.WAITING, "for colours and the rest"
    labelling.read_for_dressing(tee, Region.UPPER)
    labels = labelled(tee)
    assert labels.colours
    assert labels.status != Status.WAITING
    assert len(calls) == 1


def test_a_try_on_wears_what_staff_corrected(
    tee: ProductImage, clara: Any, calls: list[str]
) -> None:
    labels = labelled(tee)
    before = fingerprints.of_garment(tee, Region.UPPER)
    first = preparations.garment(tee, Region.UPPER, RECOLOUR, Recolour())
    labels = correct(labels, clara, landmarks={**labels.landmarks, "hem_left": [140.0, 240.0, 2]})
    assert fingerprints.of_garment(tee, Region.UPPER) != before, "old pictures are not reused"
    second = preparations.garment(tee, Region.UPPER, RECOLOUR, Recolour())
    assert first.annotation.landmarks["hem_left"].x != 140.0
    assert second.annotation.landmarks["hem_left"].x == 140.0
    was, stays = (each.annotation.landmarks["hem_right"] for each in (first, second))
    assert (stays.x, stays.y) == pytest.approx((was.x, was.y), abs=0.01)
    assert second.annotation.confidence == 1.0
    corrections.start_over(labels=labels)
    assert fingerprints.of_garment(tee, Region.UPPER) == before
    assert len(calls) == 1


def test_accepting_alone_keeps_finished_pictures(tee: ProductImage, clara: Any) -> None:
    labels = labelled(tee)
    before = fingerprints.of_garment(tee, Region.UPPER)
    correct(labels, clara)
    assert fingerprints.of_garment(tee, Region.UPPER) == before


# --- corrections ----------------------------------------------------------------------------------


@pytest.fixture
def shirt(db: None) -> ProductImage:
    """A drawn shirt whose labels came with it, but lack a sleeve and more: all of one side."""
    data = (DEMO / "oxford-shirt.webp").read_bytes()
    image = services.add_product_image(product=ProductFactory(), data=data)
    whole = shirt_mask()
    half = np.where(np.arange(whole.shape[1]) < 560, whole, False)
    annotation = annotate.annotate(np.array(Image.open(io.BytesIO(data)).convert("RGB")))
    corrections.give(
        image=image,
        mask=pictures.mask_png(half.astype(np.uint8) * 255),
        cut="top",
        landmarks=rows.landmarks_json(annotation.landmarks),
    )
    return image


def shirt_mask() -> np.ndarray:
    with Image.open(DEMO / "oxford-shirt.mask.png") as opened:
        return np.array(opened.convert("L")) > 0


def test_given_labels_are_worn_at_once_and_never_found(
    shirt: ProductImage, calls: list[str]
) -> None:
    rgb, annotation = labelling.read_for_dressing(shirt, Region.UPPER)
    assert annotation.mask.shape == rgb.shape[:2]
    labels = labelled(shirt)
    assert labels.status == Status.GIVEN
    assert labels.colours
    assert calls == []


def test_a_click_brings_what_was_missing_and_can_be_taken_back(
    shirt: ProductImage, clara: Any, sent: list[int], django_capture_on_commit_callbacks: Any
) -> None:
    labels = labelled(shirt)
    whole, before = shirt_mask(), mask_of(labels)
    assert overlap(before, whole) < 0.75
    with django_capture_on_commit_callbacks(execute=True):
        labels = correct(labels, clara, clicks=[[640.0, 700.0, 1]])
    assert sent == [labels.pk]
    assert labels.status == Status.WAITING
    assert labelling.label(labels.pk) == "labelled"
    labels = labels_of(shirt)
    assert labels.status == Status.CORRECTED
    assert labels.corrected_by == clara
    assert overlap(mask_of(labels), whole) > 0.95
    assert max(x for x, _y, _v in labels.landmarks.values()) > 640, "landmarks follow"
    digest = labels.digest

    # A mark on the ground beside it takes nothing of the shirt away.
    correct(labels, clara, clicks=[[640.0, 700.0, 1], [20.0, 20.0, 0]])
    labelling.label(labels.pk)
    assert overlap(mask_of(labels_of(shirt)), whole) > 0.95

    correct(labels_of(shirt), clara, clicks=[])
    labelling.label(labels.pk)
    labels = labels_of(shirt)
    assert np.array_equal(mask_of(labels), before)
    assert labels.digest != digest


def test_landmarks_put_by_hand_stay_where_they_were_put(shirt: ProductImage, clara: Any) -> None:
    labels = labelled(shirt)
    labels = correct(labels, clara, landmarks={"neck_left": [500.0, 250.0, 2]})
    assert labels.status == Status.CORRECTED, "at once: no worker is needed"
    correct(labels, clara, clicks=[[640.0, 700.0, 1]])
    labelling.label(labels.pk)
    labels = labels_of(shirt)
    assert labels.landmarks["neck_left"] == [500.0, 250.0, 2]
    assert set(labels.moved) == {"neck_left"}


def test_where_nothing_was_found_clicks_make_the_mask(
    tee: ProductImage, clara: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*args: Any, **kwargs: Any) -> None:
        raise NoGarment("nothing")

    monkeypatch.setattr(annotate, "annotate", nothing)
    labels = labelled(tee)
    with refused("nothing"):
        correct(labels, clara)
    correct(labels, clara, clicks=[[120.0, 160.0, 1]])
    labelling.label(labels.pk)
    labels = labels_of(tee)
    assert labels.status == Status.CORRECTED
    drawn = np.array(Image.open(io.BytesIO(drawings.garment_photo())).convert("L")) < 200
    assert overlap(mask_of(labels), drawn) > 0.9
    _rgb, annotation = labelling.read_for_dressing(tee, Region.UPPER)
    assert annotation.cut == "top"

    # Taking the click back leaves nothing, and says so.
    correct(labels, clara, clicks=[])
    labelling.label(labels.pk)
    assert labels_of(tee).failure == "no_garment"


def test_starting_over_asks_the_annotator_again(
    tee: ProductImage, clara: Any, calls: list[str]
) -> None:
    found = labelled(tee).landmarks
    labels = correct(labels_of(tee), clara, landmarks={"hem_left": [140.0, 240.0, 2]})
    corrections.start_over(labels=labels)
    labelling.label(labels.pk)
    labels = labels_of(tee)
    assert labels.landmarks == found
    assert labels.status in (Status.READY, Status.NEEDS_ATTENTION)
    assert not labels.kept
    assert len(calls) == 2


def test_another_cut_has_other_landmarks(tee: ProductImage, clara: Any) -> None:
    tee.product.category.region = Region.LOWER
    tee.product.category.save()
    labels = labelled(tee)
    other = {"skirt": "trousers", "trousers": "skirt"}[labels.cut]
    corrections.change_cut(labels=labels, user=clara, picture=labels.picture, cut=other)
    labelling.label(labels.pk)
    labels = labels_of(tee)
    assert labels.cut == other
    assert ("crotch" in labels.landmarks) == (other == "trousers")
    with refused("cut"):
        corrections.change_cut(labels=labels, user=clara, picture=labels.picture, cut="dress")


def test_a_picture_that_changed_meanwhile_is_not_corrected(tee: ProductImage, clara: Any) -> None:
    labels = labelled(tee)
    replace_file(tee, drawings.garment_photo(BLUE))
    for wish in ({"clicks": [[5.0, 5.0, 1]]}, {"landmarks": {"hem_left": [1.0, 1.0, 2]}}, {}):
        with refused("changed"):
            correct(labels, clara, **wish)
    labels = labelled(tee)
    with refused("changed"):
        corrections.correct(labels=labels, user=clara, picture="catalogue/old.jpg")


@pytest.mark.parametrize(
    "wish",
    [
        {"clicks": "all of it"},
        {"clicks": [[1.0, 2.0]]},
        {"clicks": [[1.0, 2.0, 3]]},
        {"clicks": [[-1.0, 2.0, 1]]},
        {"clicks": [[1.0, 9999.0, 0]]},
        {"clicks": [[True, 2.0, 1]]},
        {"clicks": [[float("nan"), 2.0, 1]]},
        {"clicks": [[1.0, 2.0, 1]] * 61},
        {"landmarks": {"elbow_left": [1.0, 2.0, 2]}},
        {"landmarks": {"hem_left": [1.0, 2.0, 7]}},
        {"landmarks": {"hem_left": [1.0, 99999.0, 2]}},
        {"landmarks": {"hem_left": "here"}},
        {"landmarks": [[1.0, 2.0, 2]]},
    ],
)
def test_nonsense_is_refused(tee: ProductImage, clara: Any, wish: dict[str, Any]) -> None:
    labels = labelled(tee)
    with pytest.raises(ValidationError):
        correct(labels, clara, **wish)
    assert not labels_of(tee).kept


def test_an_edge_is_inside(tee: ProductImage, clara: Any) -> None:
    labels = correct(labelled(tee), clara, clicks=[[240.0, 320.0, 0]])
    assert labelling.label(labels.pk) == "labelled"


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "ready"},
        {"status": "failed"},
        {"status": "waiting", "failure": "no_garment"},
        {"status": "corrected", "mask": b"x", "picture": "x", "cut": "top"},
        {"status": "perfect"},
    ],
)
def test_rows_that_contradict_themselves_are_refused(
    tee: ProductImage, fields: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        GarmentLabels.objects.create(image=tee, **fields)
