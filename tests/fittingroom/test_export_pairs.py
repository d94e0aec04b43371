"""Exporting the catalogue's flat and worn photos, and nothing of any shopper."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import CommandError, call_command
from PIL import Image

from fittingroom import pairs
from ml.person.annotation import Atr, PersonAnnotation
from ml.person.look import Look
from ml.training.data.pairs import load, names
from shop.catalogue.models import Product, ProductImage
from tests import drawings
from tests.factories import (
    CategoryFactory,
    GarmentLabelsFactory,
    PersonPhotoFactory,
    ProductFactory,
    ProductImageFactory,
    TryOnFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def seen(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The annotator sees the drawn person in every picture; the drawing is no photo to it."""
    looked: list[Any] = []

    def look_at(picture: Any) -> Look:
        looked.append(picture)
        parse = np.array(Image.open(io.BytesIO(drawings.person_parse())), np.uint8)
        parse = np.array(Image.fromarray(parse).resize(picture.shape[1::-1], 0))
        points = np.array(drawings.KEYPOINTS, np.float32)
        return Look(PersonAnnotation(parse, points), 1, "front", 0.0, 0.0, 0.0)

    monkeypatch.setattr(pairs, "look_at", look_at)
    return looked


def worn(product: Product, colour: str = "") -> ProductImage:
    photo = ContentFile(drawings.person_photo(), name="worn.jpg")
    return ProductImageFactory(product=product, role="worn", colour=colour, file=photo)


def flat(product: Product, colour: str = "", **labels: Any) -> ProductImage:
    image = ProductImageFactory(product=product, colour=colour)
    GarmentLabelsFactory(
        image=image, **({"status": "corrected", "kept": True, "confidence": 1.0} | labels)
    )
    return image


@pytest.fixture
def tee() -> Product:
    product = ProductFactory(title_en="Plain tee")
    flat(product)
    worn(product)
    return product


def run(folder: Path, *options: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("export_pairs", str(folder), *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_pair_comes_out_as_trainings_read_it(tee: Product, tmp_path: Path) -> None:
    out, _err = run(tmp_path / "pairs")
    assert "1 exported, 0 there already, 0 left out" in out
    (name,) = names(tmp_path / "pairs")
    pair = load(tmp_path / "pairs" / name)
    assert name.startswith(tee.slug)
    assert pair.label == Atr.UPPER
    assert pair.garment_labels.region == "upper"
    assert pair.worn.shape[:2] == pair.worn_labels.parse.shape == drawings.PERSON_SIZE[::-1]
    assert pair.garment.shape[:2] == pair.garment_labels.mask.shape == drawings.GARMENT_SIZE[::-1]
    x, y, _ = drawings.LANDMARKS["hem_left"]
    mark = pair.garment_labels.landmarks["hem_left"]
    assert (mark.x, mark.y) == pytest.approx((x, y), abs=0.5)
    assert pair.region.mean() > 0.02
    assert np.median(pair.garment[pair.garment_labels.mask > 0], axis=0)[0] > 150  # the red tee


def test_no_shoppers_photo_is_ever_opened(
    tee: Product, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seen: list[Any]
) -> None:
    PersonPhotoFactory()
    TryOnFactory(done=True)
    private = storages["private"]

    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError(f"the private storage was read: {args}")

    monkeypatch.setattr(private, "open", refuse)
    monkeypatch.setattr(private, "_open", refuse)
    out, _err = run(tmp_path / "pairs")
    assert "1 exported" in out
    assert len(seen) == 1
    assert len(names(tmp_path / "pairs")) == 1


def test_a_second_run_writes_what_is_new_and_redoes_what_changed(
    tee: Product, tmp_path: Path, seen: list[Any]
) -> None:
    folder = tmp_path / "pairs"
    run(folder)
    (first,) = names(folder)
    before = (folder / first / "pair.json").stat().st_mtime_ns
    other = ProductFactory(title_en="Second tee")
    flat(other)
    worn(other)
    out, _err = run(folder)
    assert "1 exported, 1 there already" in out
    assert (folder / first / "pair.json").stat().st_mtime_ns == before
    assert len(seen) == 2

    labels = tee.images.get(role="flat").garment_labels
    labels.digest = "another"  # staff corrected the mask
    labels.save()
    out, _err = run(folder)
    assert "1 exported, 1 there already" in out


def test_half_a_pair_is_written_again(tee: Product, tmp_path: Path) -> None:
    folder = tmp_path / "pairs"
    run(folder)
    (name,) = names(folder)
    (folder / name / "pair.json").unlink()
    (folder / name / "worn.webp").write_bytes(b"cut off")
    out, _err = run(folder)
    assert "1 exported" in out
    assert load(folder / name).worn.shape[2] == 3


def test_somebody_elses_folder_is_left_alone(tee: Product, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CommandError, match="something else"):
        run(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_flat_picture_of_the_worn_colour_is_taken(tmp_path: Path) -> None:
    product = ProductFactory()
    flat(product, "Blue")
    red = flat(product, "Red")
    worn(product, "Red")
    nowhere = worn(product, "Green")
    untold = worn(product)
    _out, err = run(tmp_path / "pairs")
    (name,) = names(tmp_path / "pairs")
    about = json.loads((tmp_path / "pairs" / name / "pair.json").read_text())
    assert about["garment"].endswith("-red")
    assert red.colour == "Red"
    for image in (nowhere, untold):
        assert f"{product.slug}-{image.pk}: no flat picture shows the colour" in err


def test_what_is_left_out_is_named_with_its_reason(tmp_path: Path) -> None:
    lonely = ProductFactory()
    worn(lonely)
    doubtful = ProductFactory()
    flat(doubtful, status="needs_attention", kept=False, confidence=0.2)
    # As the worker would find it: of today's annotator.
    doubtful.images.get().garment_labels.__class__.objects.update(version=pairs.labelling.VERSION)
    worn(doubtful)
    taken = ProductFactory(provenance=Product.Provenance.CRAWL)
    flat(taken)
    worn(taken)
    bag = ProductFactory(category=CategoryFactory(region="none"))
    worn(bag)
    trousers = ProductFactory(category=CategoryFactory(region="dress"))
    flat(trousers, region="dress", cut="top")
    worn(trousers)
    out, err = run(tmp_path / "pairs")
    assert "0 exported, 0 there already, 4 left out" in out
    assert f"{lonely.slug}-{lonely.images.get().pk}: its product has no flat picture" in err
    assert "needs attention first" in err
    assert "somebody else's" in err
    assert "not recognised" in err
    assert bag.slug not in err
    assert names(tmp_path / "pairs") == []


def test_a_catalogue_without_worn_pictures_is_told_what_to_do(tmp_path: Path) -> None:
    flat(ProductFactory())
    out, _err = run(tmp_path / "pairs")
    assert "role worn" in out
