"""The committed demo content fits together, and loading it twice changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command
from PIL import Image

from accounts.models import User
from config import demo_content
from fittingroom.models import EngineConfig, FittingModel
from ml.garment.annotation import LANDMARKS, Cut, Region
from ml.person.annotation import Atr, Joint
from shop.catalogue.models import Brand, Category, Product, ProductImage, Variant

FOLDER = demo_content.FOLDER
CONTENT = demo_content.read()
PRODUCTS: list[dict[str, Any]] = CONTENT["products"]
PEOPLE = [row["slug"] for row in CONTENT["fitting_models"]]
GARMENTS = sorted(path.stem for path in (FOLDER / "garments").glob("*.json"))


def labels(garment: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((FOLDER / "garments" / f"{garment}.json").read_text())
    return data


def keypoints() -> dict[str, Any]:
    lines = (FOLDER / "fitting_models" / "keypoints.jsonl").read_text().splitlines()
    return {line["id"]: line for line in map(json.loads, lines)}


def parse_of(person: str) -> np.ndarray:
    with Image.open(FOLDER / "fitting_models" / "parse_atr" / f"{person}.png") as image:
        assert image.mode == "P"
        return np.array(image)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_fitting_model_is_labelled_completely(person: str) -> None:
    with Image.open(FOLDER / "fitting_models" / "photos" / f"{person}.webp") as photo:
        assert photo.size == (900, 1200)
    parse = parse_of(person)
    assert parse.shape == (1200, 900)
    worn = {Atr.HAIR, Atr.UPPER, Atr.PANTS, Atr.LEFT_SHOE, Atr.RIGHT_SHOE}
    skin = {Atr.FACE, Atr.LEFT_ARM, Atr.RIGHT_ARM}
    assert worn | skin <= set(np.unique(parse))
    edge = np.concatenate([parse[0], parse[-1], parse[:, 0], parse[:, -1]])
    assert not edge.any(), "the whole figure is in the picture"


@pytest.mark.parametrize("person", PEOPLE)
def test_keypoints_lie_on_what_they_name(person: str) -> None:
    points = np.array(keypoints()[person]["openpose18"])
    parse = parse_of(person)
    assert points.shape == (18, 3)
    assert (points[:, 2] == 1).all()

    def at(joint: Joint) -> int:
        x, y = np.round(points[joint, :2]).astype(int)
        return int(parse[y, x])

    assert at(Joint.NOSE) == Atr.FACE
    assert at(Joint.R_WRIST) == Atr.RIGHT_ARM
    assert at(Joint.L_WRIST) == Atr.LEFT_ARM
    assert at(Joint.R_HIP) in {Atr.PANTS, Atr.UPPER}
    assert at(Joint.L_KNEE) in {Atr.PANTS, Atr.LEFT_LEG}
    # their own left is on the picture's right
    assert points[Joint.L_SHOULDER, 0] > points[Joint.R_SHOULDER, 0]
    right_shoe = np.nonzero(parse == Atr.RIGHT_SHOE)[1].mean()
    assert right_shoe < np.nonzero(parse == Atr.LEFT_SHOE)[1].mean()


@pytest.mark.parametrize("garment", GARMENTS)
def test_a_garment_is_labelled_exactly(garment: str) -> None:
    mark = labels(garment)
    with Image.open(FOLDER / "garments" / f"{garment}.webp") as picture:
        assert picture.size == (mark["width"], mark["height"]) == (900, 1200)
    with Image.open(FOLDER / "garments" / f"{garment}.mask.png") as image:
        mask = np.array(image.convert("L")) > 0
    assert mask.shape == (1200, 900)
    assert 0.1 < mask.mean() < 0.6
    assert not np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]]).any()
    assert Region(mark["region"])
    assert set(mark["landmarks"]) == set(LANDMARKS[Cut(mark["cut"])])
    ys, xs = np.nonzero(mask)
    for name, (x, y, visibility) in mark["landmarks"].items():
        if visibility != 2:
            continue
        gap = np.hypot(xs - x, ys - y).min()
        assert gap < 6, f"{name} is {gap:.0f} px off the cloth"
    for name, (x, _, _) in mark["landmarks"].items():
        if "_left" in name:
            assert x > mark["landmarks"][name.replace("_left", "_right")][0]


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda p: p["slug"])
def test_a_product_has_what_its_page_needs(product: dict[str, Any]) -> None:
    for field in ("title", "description"):
        assert product[field]["ko"].strip()
        assert product[field]["en"].strip()
        assert product[field]["ko"] != product[field]["en"]
    assert product["price"]["krw"] % 1000 == 0
    assert 0 < product["price"]["usd_cents"] < product["price"]["krw"]
    stocks = [stock for colour in product["colours"] for stock in colour["stock"]]
    assert any(stocks)
    names = [name for name, _ in demo_content.picture_names(product)]
    for name in [*names, f"{product['slug']}.detail"]:
        assert (FOLDER / "garments" / f"{name}.webp").is_file()
    categories = {row["slug"]: row for row in CONTENT["categories"]}
    assert labels(product["slug"])["region"] == categories[product["category"]]["region"]
    assert product["brand"] in {row["slug"] for row in CONTENT["brands"]}


def test_every_picture_belongs_to_a_product_and_all_is_small() -> None:
    named = {name for product in PRODUCTS for name, _ in demo_content.picture_names(product)}
    assert named == set(GARMENTS)
    assert any(0 in colour["stock"] for product in PRODUCTS for colour in product["colours"])
    total = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    assert total < 8_000_000


@pytest.fixture
def short_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> dict[str, Any]:
    """Two products instead of all: the pictures are what takes time."""
    short = {**CONTENT, "products": PRODUCTS[:2]}
    monkeypatch.setattr(demo_content, "read", lambda: short)
    monkeypatch.delenv(demo_content.PASSWORD_VARIABLE, raising=False)
    settings.OTBANG_HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return short


def snapshot() -> list[list[tuple[Any, ...]]]:
    models = (Category, Brand, Product, Variant, ProductImage, FittingModel, EngineConfig, User)
    return [sorted(model._default_manager.values_list()) for model in models]


@pytest.mark.django_db
def test_loading_twice_changes_nothing(
    short_content: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    first = demo_content.load()
    before = snapshot()
    with django_assert_max_num_queries(15):
        second = demo_content.load()
    assert first.products == 2
    assert first.fitting_models == len(PEOPLE)
    assert (second.categories, second.brands, second.products) == (0, 0, 0)
    assert (second.fitting_models, second.engines, second.staff) == (0, 0, 0)
    assert snapshot() == before
    assert second.password == first.password


@pytest.mark.django_db
def test_what_is_loaded_can_be_sold_and_tried_on(short_content: dict[str, Any]) -> None:
    demo_content.load()
    product = Product.objects.get(slug=short_content["products"][0]["slug"])
    assert product.status == Product.Status.PUBLISHED
    assert product.category.region == "upper"
    flats = product.images.filter(role=ProductImage.Role.FLAT)
    assert flats.count() == len(short_content["products"][0]["colours"])
    assert all(image.alt_ko and image.alt_en for image in product.images.all())
    assert FittingModel.objects.filter(active=True, width=900, height=1200).count() == len(PEOPLE)
    assert EngineConfig.objects.get().enabled


@pytest.mark.django_db
def test_an_edited_product_is_left_alone(short_content: dict[str, Any]) -> None:
    demo_content.load()
    Product.objects.update(title_ko="바꾼 이름", slug="renamed")
    assert demo_content.load().products == 0
    assert set(Product.objects.values_list("title_ko", flat=True)) == {"바꾼 이름"}


@pytest.mark.django_db
def test_staff_can_sign_in_with_the_printed_password(
    short_content: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("load_demo")
    password = (settings.OTBANG_HOME / "demo-password").read_text().strip()
    assert password in capsys.readouterr().out
    merchant = User.objects.get(email="merchant@example.com")
    assert merchant.check_password(password)
    assert merchant.has_perm("catalogue.change_product")
    analyst = User.objects.get(email="analyst@example.com")
    assert analyst.has_perm("fittingroom.view_rating")
    assert not analyst.has_perm("catalogue.change_product")
    assert not merchant.is_superuser


@pytest.mark.django_db
def test_the_password_can_be_given(
    short_content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(demo_content.PASSWORD_VARIABLE, "correct horse battery staple")
    demo_content.load()
    assert User.objects.get(email="analyst@example.com").check_password(
        "correct horse battery staple"
    )
    assert not (settings.OTBANG_HOME / "demo-password").exists()
