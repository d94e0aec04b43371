"""Loads the demo's catalogue, Looks, fitting models and staff from ``fixtures/demo``.

What is there already stays as it is: a merchant may edit the demo's products, and loading again
changes nothing. Products are recognised by the SKUs of their variants, everything else by its slug.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from accounts.roles import ANALYSTS, MERCHANTS
from fittingroom.garments import corrections
from fittingroom.models import EngineConfig, FittingModel
from recommendations.models import Look, LookItem
from shop.catalogue import services
from shop.catalogue.models import Brand, Category, Product, ProductImage, Region, SizeRow, Variant

FOLDER = settings.BASE_DIR / "fixtures" / "demo"
ENGINE = "drape"
STAFF = {"merchant@example.com": MERCHANTS, "analyst@example.com": ANALYSTS}
PASSWORD_VARIABLE = "OTBANG_DEMO_PASSWORD"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows of each kind were new."""

    categories: int
    brands: int
    products: int
    looks: int
    fitting_models: int
    engines: int
    staff: int
    password: str


def read() -> dict[str, Any]:
    """Everything in ``content/`` by file name; the products of all categories in one list."""
    folder = FOLDER / "content"
    content: dict[str, Any] = {path.stem: _json(path) for path in sorted(folder.glob("*.json"))}
    shelves = [_json(path) for path in sorted((folder / "products").glob("*.json"))]
    # One of each category in turn: what is new in the shop is then a bit of everything.
    in_turn = chain.from_iterable(zip_longest(*shelves))
    content["products"] = [product for product in in_turn if product is not None]
    return content


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def load() -> Loaded:
    """Create what is missing. The second run reads and changes nothing."""
    content = read()
    categories = _load_categories(content["categories"])
    brands = _load_brands(content["brands"])
    password = staff_password()
    return Loaded(
        categories=categories,
        brands=brands,
        products=_load_products(content["products"]),
        looks=_load_looks(content["looks"], content["products"]),
        fitting_models=_load_fitting_models(content["fitting_models"]),
        engines=_load_engine(),
        staff=_load_staff(password),
        password=password,
    )


def staff_password() -> str:
    """The demo staff's password: from the environment, else one made up once for this home."""
    if given := os.environ.get(PASSWORD_VARIABLE):
        return given
    path: Path = settings.OTBANG_HOME / "demo-password"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(9) + "\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


def sku(product: str, colour: str, size: str) -> str:
    return f"DEMO-{product}-{colour}-{size}".upper()


def picture_names(product: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    """File stem and colour of each flat picture of a product, the main colour first."""
    slug = product["slug"]
    return [
        (slug if i == 0 else f"{slug}-{colour['key']}", colour)
        for i, colour in enumerate(product["colours"])
    ]


def _load_categories(rows: list[dict[str, Any]]) -> int:
    new = 0
    known = {category.slug: category for category in Category.objects.all()}
    for position, row in enumerate(rows):
        if row["slug"] in known:
            continue
        known[row["slug"]] = Category.objects.create(
            slug=row["slug"],
            parent=known[row["parent"]] if row["parent"] else None,
            name_ko=row["ko"],
            name_en=row["en"],
            region=row["region"],
            chart=row["chart"],
            position=position,
        )
        new += 1
    return new


def _load_brands(rows: list[dict[str, Any]]) -> int:
    known = set(Brand.objects.values_list("slug", flat=True))
    missing = [row for row in rows if row["slug"] not in known]
    for row in missing:
        Brand.objects.create(slug=row["slug"], name_ko=row["ko"], name_en=row["en"])
    return len(missing)


def _known_products() -> dict[str, int]:
    """Ids of the products that are there, by the beginning that a demo product's SKUs share."""
    rows = Variant.objects.filter(sku__istartswith="DEMO-").values_list("sku", "product")
    return {found.upper().rpartition("-")[0]: product for found, product in rows}


def _sku_stem(product: str, colour: str) -> str:
    return sku(product, colour, "").rstrip("-")


def _load_products(rows: list[dict[str, Any]]) -> int:
    known = _known_products()
    categories = {category.slug: category for category in Category.objects.all()}
    brands = {brand.slug: brand for brand in Brand.objects.all()}
    new = 0
    # The shop shows the newest first: the first product is made last.
    for row in reversed(rows):
        if any(_sku_stem(row["slug"], colour["key"]) in known for colour in row["colours"]):
            continue
        with transaction.atomic():
            product = Product.objects.create(
                slug=row["slug"],
                title_ko=row["title"]["ko"],
                title_en=row["title"]["en"],
                description_ko=row["description"]["ko"],
                description_en=row["description"]["en"],
                material_ko=row["material"]["ko"],
                material_en=row["material"]["en"],
                care_ko=row["care"]["ko"],
                care_en=row["care"]["en"],
                brand=brands[row["brand"]],
                category=categories[row["category"]],
                gender=row["gender"],
                provenance=Product.Provenance.DEMO,
            )
            _add_variants(product, row)
            _add_size_chart(product, row)
            _add_images(product, row)
            services.publish_product(product=product)
        new += 1
    return new


def _add_variants(product: Product, row: dict[str, Any]) -> None:
    Variant.objects.bulk_create(
        Variant(
            product=product,
            sku=sku(row["slug"], colour["key"], size),
            size=size,
            colour_ko=colour["ko"],
            colour_en=colour["en"],
            colour_hex=colour["hex"],
            price_krw=row["price"]["krw"],
            price_usd_cents=row["price"]["usd_cents"],
            stock=stock,
            position=10 * c + i,
        )
        for c, colour in enumerate(row["colours"])
        for i, (size, stock) in enumerate(zip(row["sizes"], colour["stock"], strict=True))
    )


def _add_size_chart(product: Product, row: dict[str, Any]) -> None:
    """The file has a column per measure, the database a row per size."""
    SizeRow.objects.bulk_create(
        SizeRow(
            product=product,
            size=size,
            measures={measure: numbers[i] for measure, numbers in row["chart"].items()},
            position=i,
        )
        for i, size in enumerate(row["sizes"])
    )


def _add_images(product: Product, row: dict[str, Any]) -> None:
    flat, detail = ProductImage.Role.FLAT, ProductImage.Role.DETAIL
    title = row["title"]
    pictures = [
        (name, colour, flat, ("펼쳐 놓은 앞모습", "front, laid flat"))
        for name, colour in picture_names(row)
    ]
    close_up = f"{row['slug']}.detail"
    if (FOLDER / "garments" / f"{close_up}.webp").is_file():
        pictures.insert(1, (close_up, row["colours"][0], detail, ("가까이 본 모습", "close up")))
    for name, colour, role, (how_ko, how_en) in pictures:
        image = services.add_product_image(
            product=product,
            data=(FOLDER / "garments" / f"{name}.webp").read_bytes(),
            own=True,
            role=role,
            colour=colour["en"],
            alt_ko=f"{colour['ko']} {title['ko']}, {how_ko}",
            alt_en=f"{title['en']} in {colour['en'].lower()}, {how_en}",
        )
        if role == flat and product.category.region != Region.NONE:
            _give_labels(image, name)


def _give_labels(image: ProductImage, name: str) -> None:
    """Drawn pictures come with exact masks: nobody has to find them again."""
    labels = _json(FOLDER / "garments" / f"{name}.json")
    corrections.give(
        image=image,
        mask=(FOLDER / "garments" / f"{name}.mask.png").read_bytes(),
        cut=labels["cut"],
        landmarks=labels["landmarks"],
    )


def _load_looks(rows: list[dict[str, Any]], products: list[dict[str, Any]]) -> int:
    """A Look whose product is gone from the shop is left out."""
    known = set(Look.objects.values_list("slug", flat=True))
    missing = [(i, row) for i, row in enumerate(rows) if row["slug"] not in known]
    if not missing:
        return 0
    ids = _known_products()
    colours = {row["slug"]: {c["key"]: c["en"] for c in row["colours"]} for row in products}
    new = 0
    for position, row in missing:
        items = [
            LookItem(product_id=found, colour=colours[item["product"]][item["colour"]], position=i)
            for i, item in enumerate(row["items"])
            if (found := ids.get(_sku_stem(item["product"], item["colour"]))) is not None
        ]
        if len(items) < len(row["items"]):
            continue
        with transaction.atomic():
            look = Look.objects.create(
                slug=row["slug"],
                title_ko=row["title"]["ko"],
                title_en=row["title"]["en"],
                description_ko=row["description"]["ko"],
                description_en=row["description"]["en"],
                published=True,
                position=position,
            )
            for item in items:
                item.look = look
            LookItem.objects.bulk_create(items)
        new += 1
    return new


def _load_fitting_models(rows: list[dict[str, Any]]) -> int:
    folder = FOLDER / "fitting_models"
    lines = (folder / "keypoints.jsonl").read_text(encoding="utf-8").splitlines()
    keypoints = {line["id"]: line["openpose18"] for line in map(json.loads, lines)}
    known = set(FittingModel.objects.values_list("slug", flat=True))
    new = 0
    for position, row in enumerate(rows):
        slug = row["slug"]
        if slug in known:
            continue
        photo = (folder / "photos" / f"{slug}.webp").read_bytes()
        parse = (folder / "parse_atr" / f"{slug}.png").read_bytes()
        FittingModel.objects.create(
            slug=slug,
            name_ko=row["ko"],
            name_en=row["en"],
            gender=row["gender"],
            height_cm=row["height_cm"],
            size_worn=row["size_worn"],
            body_ko=row["body"]["ko"],
            body_en=row["body"]["en"],
            photo=ContentFile(photo, name=f"{slug}.webp"),
            parse=ContentFile(parse, name=f"{slug}.png"),
            keypoints=keypoints[slug],
            position=position,
        )
        new += 1
    return new


def _load_staff(password: str) -> int:
    new = 0
    for email, role in STAFF.items():
        if User.objects.filter(email__iexact=email).exists():
            continue
        with transaction.atomic():
            user = User.objects.create_user(email, password, is_staff=True)
            user.groups.add(Group.objects.get(name=role))
        new += 1
    return new


def _load_engine() -> int:
    _, created = EngineConfig.objects.get_or_create(name=ENGINE, defaults={"enabled": True})
    return int(created)
