from __future__ import annotations

import io
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from PIL import Image

from fittingroom import ahead, disk_cache, preparations
from fittingroom.models import FittingModel
from ml.errors import BadAnnotation, ImageError, NoGarment
from ml.person.annotation import Atr
from ml.tryon.engine import PreparedGarment, PreparedPerson
from shop.catalogue.models import Product, ProductImage, Region
from tests import drawings
from tests.factories import FittingModelFactory, TryOnFactory
from tests.fittingroom.engines import BLUE, RECOLOUR, Recolour

pytestmark = pytest.mark.django_db


class Counting(Recolour):
    """Counts what it is asked to prepare."""

    def __init__(self) -> None:
        self.people = self.garments = 0

    def prepare_person(self, *given: Any) -> PreparedPerson:
        self.people += 1
        return super().prepare_person(*given)

    def prepare_garment(self, *given: Any) -> PreparedGarment:
        self.garments += 1
        return super().prepare_garment(*given)


@pytest.fixture
def engine() -> Counting:
    return Counting()


@pytest.fixture(autouse=True)
def nothing_prepared() -> None:
    shutil.rmtree(disk_cache.folder(), ignore_errors=True)
    preparations._memory.clear()
    ahead._known.clear()


def forget() -> None:
    """As in another process: only the disk remembers."""
    preparations._memory.clear()


def same(one: Any, other: Any) -> bool:
    parts = [(one.photo, other.photo), *((one.tensors[n], other.tensors[n]) for n in one.tensors)]
    return set(one.tensors) == set(other.tensors) and all(
        a.dtype == b.dtype and np.array_equal(a, b) for a, b in parts
    )


def test_prepared_once_then_from_memory_then_from_disk(
    mia: FittingModel, tee: ProductImage, engine: Counting
) -> None:
    person = preparations.person(mia, RECOLOUR, engine)
    garment = preparations.garment(tee, Region.UPPER, RECOLOUR, engine)
    assert preparations.person(mia, RECOLOUR, engine) is person
    forget()
    person_again = preparations.person(mia, RECOLOUR, engine)
    garment_again = preparations.garment(tee, Region.UPPER, RECOLOUR, engine)
    assert (engine.people, engine.garments) == (1, 1)
    assert same(person, person_again)
    assert np.array_equal(person.annotation.parse, person_again.annotation.parse)
    assert np.array_equal(person.annotation.keypoints, person_again.annotation.keypoints)
    assert same(garment, garment_again)
    assert np.array_equal(garment.annotation.mask, garment_again.annotation.mask)
    assert replace(garment.annotation, mask=garment_again.annotation.mask) == replace(
        garment_again.annotation, mask=garment_again.annotation.mask
    )


def test_other_content_another_region_or_version_is_prepared_anew(
    mia: FittingModel, tee: ProductImage, make_tee: Callable[..., ProductImage], engine: Counting
) -> None:
    preparations.garment(tee, Region.UPPER, RECOLOUR, engine)
    preparations.garment(make_tee(), Region.UPPER, RECOLOUR, engine)  # the same content
    assert engine.garments == 1
    preparations.garment(make_tee(BLUE), Region.UPPER, RECOLOUR, engine)
    preparations.garment(tee, Region.OUTER, RECOLOUR, engine)
    preparations.garment(tee, Region.UPPER, replace(RECOLOUR, version="2"), engine)
    assert engine.garments == 4
    preparations.person(mia, RECOLOUR, engine)
    mia.keypoints = [[5.0, 5.0, 1.0], *mia.keypoints[1:]]
    preparations.person(mia, RECOLOUR, engine)
    assert engine.people == 2


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 cut off", b"something else"])
def test_a_damaged_file_is_made_anew(mia: FittingModel, engine: Counting, damage: bytes) -> None:
    preparations.person(mia, RECOLOUR, engine)
    path = disk_cache.path_of(preparations.person_key(mia, RECOLOUR))
    path.write_bytes(damage)
    forget()
    preparations.person(mia, RECOLOUR, engine)
    assert engine.people == 2
    forget()
    preparations.person(mia, RECOLOUR, engine)
    assert engine.people == 2, "and written again"


def test_pickles_are_not_opened(mia: FittingModel, engine: Counting) -> None:
    preparations.person(mia, RECOLOUR, engine)
    path = disk_cache.path_of(preparations.person_key(mia, RECOLOUR))
    with path.open("wb") as file:
        np.savez(file, about=np.array([{"kind": "person"}], dtype=object))
    forget()
    preparations.person(mia, RECOLOUR, engine)
    assert engine.people == 2


def test_readers_and_writers_at_once_see_whole_files(mia: FittingModel, engine: Counting) -> None:
    person = preparations.person(mia, RECOLOUR, engine)
    path = disk_cache.path_of(preparations.person_key(mia, RECOLOUR))
    seen: list[Any] = []

    def write() -> None:
        for _ in range(10):
            preparations._store(path, person)

    def read() -> None:
        seen.extend(preparations._load(path) for _ in range(30))

    threads = [threading.Thread(target=act) for act in (write, write, read, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found is not None and same(person, found) for found in seen)
    assert [file.name for file in path.parent.iterdir()] == [path.name], "no half files left"


def test_without_room_on_the_disk_the_try_on_goes_on(
    mia: FittingModel, engine: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    assert preparations.person(mia, RECOLOUR, engine).photo.shape == (320, 240, 3)
    folder = disk_cache.path_of(preparations.person_key(mia, RECOLOUR)).parent
    assert list(folder.iterdir()) == []


def test_memory_holds_so_much_and_what_was_used_last(
    make_tee: Callable[..., ProductImage], engine: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    tees = [make_tee((shade, 40, 90)) for shade in (20, 60, 100)]

    def prepare(tee: ProductImage) -> PreparedGarment:
        return preparations.garment(tee, Region.UPPER, RECOLOUR, engine)

    first, _second = prepare(tees[0]), prepare(tees[1])
    assert prepare(tees[0]) is first
    monkeypatch.setattr(preparations, "MEMORY", 2 * preparations._size(first))
    prepare(tees[2])
    assert len(preparations._memory) == 2
    assert prepare(tees[0]) is first, "the second was not used for longest"


def test_a_large_photo_is_shrunk_together_with_its_annotation(engine: Counting) -> None:
    def scaled(data: bytes, kind: str) -> ContentFile[bytes]:
        with Image.open(io.BytesIO(data)) as small:
            large = small.resize((1440, 1920), Image.Resampling.NEAREST)
        return ContentFile(drawings.encode(large, kind), name=f"large.{kind.lower()}")

    model = FittingModelFactory(
        photo=scaled(drawings.person_photo(), "JPEG"),
        parse=scaled(drawings.person_parse(), "PNG"),
        keypoints=[[x * 6, y * 6, c] for x, y, c in drawings.KEYPOINTS],
    )
    photo, annotation = preparations.read_person(model)
    assert photo.shape == (1536, 1152, 3)
    assert annotation.parse.shape == (1536, 1152)
    expected = np.array(drawings.KEYPOINTS, dtype=np.float32) * [4.8, 4.8, 1]
    assert np.allclose(annotation.keypoints, expected)
    for x, y, _confidence in annotation.keypoints[[2, 5]]:  # the shoulders lie on the top
        assert annotation.parse[round(y), round(x)] == Atr.UPPER


@pytest.mark.parametrize(
    ("size", "known"), [((240, 320), True), ((480, 640), True), ((320, 320), False)]
)
def test_an_imported_densepose_goes_along_where_it_fits(
    engine: Counting, size: tuple[int, int], known: bool
) -> None:
    picture = drawings.encode(Image.new("RGB", size, (6, 166, 198)))
    model = FittingModelFactory(densepose=ContentFile(picture, name="dense.png"))
    photo, annotation = preparations.read_person(model)
    assert (annotation.densepose is not None) == known
    if annotation.densepose is not None:
        assert annotation.densepose.shape == photo.shape
        assert (annotation.densepose == (6, 166, 198)).all()


def test_what_does_not_fit_together_is_said(engine: Counting) -> None:
    model = FittingModelFactory(
        parse=ContentFile(drawings.encode(Image.new("P", (10, 10))), name="parse.png")
    )
    with pytest.raises(BadAnnotation):
        preparations.person(model, RECOLOUR, engine)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"not a picture", ImageError),
        (drawings.encode(Image.new("RGB", (240, 320), (255, 255, 255))), NoGarment),
    ],
)
def test_pictures_that_are_none_and_garments_that_are_none(
    tee: ProductImage, engine: Counting, data: bytes, error: type[Exception]
) -> None:
    # Not through the form: as if the file had been damaged later.
    tee.file = tee.file.storage.save("catalogue/x.png", ContentFile(data))
    with pytest.raises(error):
        preparations.garment(tee, Region.UPPER, RECOLOUR, engine)


# --- ahead of time


@pytest.fixture
def counted(engine: Counting, monkeypatch: pytest.MonkeyPatch) -> Counting:
    monkeypatch.setattr("fittingroom.dressing.engine_of", lambda spec: engine)
    return engine


def test_people_and_published_pictures_are_prepared_ahead_once(
    mia: FittingModel,
    tee: ProductImage,
    make_tee: Callable[..., ProductImage],
    counted: Counting,
) -> None:
    other = drawings.encode(Image.new("RGB", drawings.PERSON_SIZE), "JPEG")
    FittingModelFactory(active=False, photo=ContentFile(other, name="a.jpg"))
    for fields in (
        {"product__status": Product.Status.DRAFT},
        {"role": ProductImage.Role.DETAIL},
        {"product__category__region": Region.NONE},
    ):
        make_tee((1, 2, 3), **fields)
    assert ahead.prepare_ahead() == 2
    assert (counted.people, counted.garments) == (1, 1)
    assert ahead.prepare_ahead() == 0
    preparations.garment(tee, Region.UPPER, RECOLOUR, counted)
    assert counted.garments == 1, "the try-on pays nothing"
    # Another process finds them on the disk.
    forget()
    ahead._known.clear()
    assert ahead.prepare_ahead() == 0
    assert (counted.people, counted.garments) == (1, 1)


def test_nobody_waits_for_preparing_ahead(mia: FittingModel, counted: Counting) -> None:
    waiting = TryOnFactory()
    assert ahead.prepare_ahead() == 0
    waiting.delete()
    assert ahead.prepare_ahead() > 0


def test_a_hopeless_picture_does_not_stop_the_others(
    mia: FittingModel, make_tee: Callable[..., ProductImage], counted: Counting
) -> None:
    tee, good = make_tee(), make_tee(BLUE)
    tee.file.storage.delete(tee.file.name)
    assert ahead.prepare_ahead() == 2
    assert good.pk < make_tee((5, 5, 5)).pk
    assert ahead.prepare_ahead() == 1, "only the new one"


def test_a_picture_that_kills_is_left_alone_after_two(
    mia: FittingModel, counted: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """Ends the process in real life."""

    def die(*args: Any) -> None:
        raise Killed

    monkeypatch.setattr(Counting, "prepare_person", die)
    # A killed process takes no mark away; here the mark is put back as it would have stayed.
    mark = disk_cache.path_of(preparations.person_key(mia, RECOLOUR)).with_suffix(".tries")
    with pytest.raises(Killed):
        ahead.prepare_ahead()
    mark.write_bytes(b".." if not mark.exists() else mark.read_bytes() + b".")
    assert ahead.prepare_ahead() == 0
