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
from fittingroom.models import EngineConfig, FittingModel, GarmentLabels
from ml.garment.annotation import LANDMARKS, Cut, Region
from ml.person.annotation import Atr, Joint
from recommendations.models import Look, LookItem
from shop.catalogue.models import Brand, Category, Product, ProductImage, SizeRow, Variant
from shop.catalogue.sizes import MEASURES, Chart, validate_measures

FOLDER = demo_content.FOLDER
CONTENT = demo_content.read()
PRODUCTS: list[dict[str, Any]] = CONTENT["products"]
LOOKS: list[dict[str, Any]] = CONTENT["looks"]
CATEGORIES = {row["slug"]: row for row in CONTENT["categories"]}
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


def facts_of(person: str) -> dict[str, Any]:
    """How the picture was made, where the renderer noted it."""
    path = FOLDER / "fitting_models" / "figures.json"
    known: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return {"framing": "full", "hidden_joints": [], **known.get(person, {})}


@pytest.mark.parametrize("person", PEOPLE)
def test_a_fitting_model_is_labelled_completely(person: str) -> None:
    with Image.open(FOLDER / "fitting_models" / "photos" / f"{person}.webp") as photo:
        assert photo.size == (900, 1200)
    parse = parse_of(person)
    assert parse.shape == (1200, 900)
    found = set(np.unique(parse))
    assert {Atr.HAIR, Atr.UPPER, Atr.PANTS, Atr.FACE, Atr.LEFT_ARM, Atr.RIGHT_ARM} <= found
    whole = facts_of(person)["framing"] == "full"
    assert ({Atr.LEFT_SHOE, Atr.RIGHT_SHOE} <= found) == whole
    assert not np.concatenate([parse[0], parse[:, 0], parse[:, -1]]).any()
    assert parse[-1].any() != whole, "either the whole figure is in the picture or its legs are cut"


@pytest.mark.parametrize("person", PEOPLE)
def test_keypoints_lie_on_what_they_name(person: str) -> None:
    points = np.array(keypoints()[person]["openpose18"])
    parse = parse_of(person)
    assert points.shape == (18, 3)
    inside = (points[:, :2] >= 0).all(1) & (points[:, 0] < 900) & (points[:, 1] < 1200)
    assert (points[:, 2] == (inside & (points[:, 2] > 0))).all(), "seen or not, nothing between"
    facts = facts_of(person)
    missing = set(np.nonzero(points[:, 2] == 0)[0])
    if facts["framing"] == "full":
        assert missing <= set(facts["hidden_joints"])

    def on(joint: Joint, *classes: Atr) -> bool:
        if joint in missing or joint in facts["hidden_joints"]:
            return True
        x, y = np.round(points[joint, :2]).astype(int)
        return int(parse[y, x]) in classes

    assert on(Joint.NOSE, Atr.FACE)
    assert on(Joint.R_WRIST, Atr.RIGHT_ARM)
    assert on(Joint.L_WRIST, Atr.LEFT_ARM)
    assert on(Joint.R_HIP, Atr.PANTS, Atr.UPPER)
    assert on(Joint.L_KNEE, Atr.PANTS, Atr.LEFT_LEG)
    # their own left is on the picture's right
    assert points[Joint.L_SHOULDER, 0] > points[Joint.R_SHOULDER, 0]
    if facts["framing"] == "full":
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
    if mark["region"] == "none":  # hats, shoes, bags: nobody is dressed in them
        assert (mark["cut"], mark["landmarks"]) == ("", {})
        return
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
    for field in ("title", "description", "material", "care"):
        assert product[field]["ko"].strip()
        assert product[field]["en"].strip()
        assert product[field]["ko"] != product[field]["en"]
    assert product["price"]["krw"] % 1000 == 0
    # Nobody would buy at a rate of 1,000 or 2,000 won to the dollar.
    assert 1200 < product["price"]["krw"] / (product["price"]["usd_cents"] / 100) < 1500
    for colour in product["colours"]:
        assert len(colour["stock"]) == len(product["sizes"])
    for name, _ in demo_content.picture_names(product):
        assert (FOLDER / "garments" / f"{name}.webp").is_file()
    assert labels(product["slug"])["region"] == CATEGORIES[product["category"]]["region"]
    assert product["brand"] in {row["slug"] for row in CONTENT["brands"]}


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda p: p["slug"])
def test_a_product_has_a_size_chart_that_grows_with_the_size(product: dict[str, Any]) -> None:
    chart = product["chart"]
    validate_measures({name: numbers[0] for name, numbers in chart.items()})
    columns = MEASURES[Chart(CATEGORIES[product["category"]]["chart"])]
    assert len(chart) >= 2
    assert set(chart) <= set(columns), "measures that the page would not show"
    for numbers in chart.values():
        assert len(numbers) == len(product["sizes"])
        assert numbers == sorted(numbers)
    if product["category"] == "shoes":
        for size, foot in zip(product["sizes"], chart["foot"], strict=True):
            assert 0 <= foot - int(size) / 10 < 1
    if "inseam" in chart:
        assert chart["length"][0] < chart["inseam"][0] + chart["rise"][0]


@pytest.mark.parametrize("look", LOOKS, ids=lambda row: row["slug"])
def test_a_look_is_made_of_products_of_the_demo(look: dict[str, Any]) -> None:
    for field in ("title", "description"):
        assert look[field]["ko"].strip()
        assert look[field]["en"].strip()
    products = {product["slug"]: product for product in PRODUCTS}
    slugs = [item["product"] for item in look["items"]]
    assert len(set(slugs)) == len(slugs) >= 2
    for item in look["items"]:
        colours = {colour["key"] for colour in products[item["product"]]["colours"]}
        assert item["colour"] in colours


def test_the_shop_is_worth_browsing() -> None:
    assert len({product["title"]["ko"] for product in PRODUCTS}) == len(PRODUCTS)
    assert len({look["slug"] for look in LOOKS}) == len(LOOKS)
    stocks = [colour["stock"] for product in PRODUCTS for colour in product["colours"]]
    assert any(0 in stock and any(stock) for stock in stocks), "a size that is sold out"
    assert any(not any(stock) for stock in stocks), "a colour that is sold out"


def test_every_picture_belongs_to_a_product_and_all_is_small() -> None:
    named = {name for product in PRODUCTS for name, _ in demo_content.picture_names(product)}
    assert named == set(GARMENTS)
    total = sum(path.stat().st_size for path in FOLDER.rglob("*") if path.is_file())
    assert total < 25_000_000


@pytest.fixture
def short_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, settings: Any) -> dict[str, Any]:
    """One Look and its products instead of all: the pictures are what takes time."""
    look = min(LOOKS, key=lambda row: len(row["items"]))
    worn = {item["product"] for item in look["items"]}
    products = [product for product in PRODUCTS if product["slug"] in worn]
    short = {**CONTENT, "products": products, "looks": [look]}
    monkeypatch.setattr(demo_content, "read", lambda: short)
    monkeypatch.delenv(demo_content.PASSWORD_VARIABLE, raising=False)
    settings.OTBANG_HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    return short


def snapshot() -> list[list[tuple[Any, ...]]]:
    models = (
        *(Category, Brand, Product, Variant, ProductImage, SizeRow, Look, LookItem),
        *(FittingModel, EngineConfig, User),
    )
    return [sorted(model._default_manager.values_list()) for model in models]


@pytest.mark.django_db
def test_loading_twice_changes_nothing(
    short_content: dict[str, Any], django_assert_max_num_queries: Any
) -> None:
    first = demo_content.load()
    before = snapshot()
    with django_assert_max_num_queries(15):
        second = demo_content.load()
    assert first.products == len(short_content["products"])
    assert first.looks == 1
    assert first.fitting_models == len(PEOPLE)
    assert (second.categories, second.brands, second.products, second.looks) == (0, 0, 0, 0)
    assert (second.fitting_models, second.engines, second.staff) == (0, 0, 0)
    assert snapshot() == before
    assert second.password == first.password


@pytest.mark.django_db
def test_what_is_loaded_can_be_sold_and_tried_on(short_content: dict[str, Any]) -> None:
    demo_content.load()
    row = short_content["products"][0]
    product = Product.objects.get(slug=row["slug"])
    assert product.status == Product.Status.PUBLISHED
    assert product.category.region == CATEGORIES[row["category"]]["region"]
    flats = product.images.filter(role=ProductImage.Role.FLAT)
    assert flats.count() == len(row["colours"])
    assert all(image.alt_ko and image.alt_en for image in product.images.all())
    assert all(product.picture_of(c).alt_en.split(" in ")[-1] for c in product.colours)
    chart = product.size_chart
    assert chart is not None
    assert [size for size, _ in chart.rows] == row["sizes"]
    assert len(chart.columns) == len(row["chart"])
    look = Look.objects.visible().with_items().get()
    assert [item.product.slug for item in look.items.all()] == [
        item["product"] for item in short_content["looks"][0]["items"]
    ]
    for item in look.items.all():
        assert item.picture is not None
        assert bool(item.garment_image) == (item.product.category.region != "none")
    assert FittingModel.objects.filter(active=True, width=900, height=1200).count() == len(PEOPLE)
    assert EngineConfig.objects.get().enabled


@pytest.mark.django_db
def test_the_drawn_masks_come_with_the_pictures(short_content: dict[str, Any]) -> None:
    demo_content.load()
    given = GarmentLabels.objects.filter(kept=True, mask__isnull=False)
    flats = ProductImage.objects.filter(role=ProductImage.Role.FLAT).exclude(
        product__category__region="none"
    )
    assert flats.exists()
    assert {row.image_id for row in given} == {image.pk for image in flats}
    for row in given:
        assert row.picture == row.image.file.name
        assert row.digest == row.content_digest
        assert (row.width, row.height) == (900, 1200)


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
