"""Loads the demo's catalogue, fitting models and staff from ``fixtures/demo``.

What is there already stays as it is: a merchant may edit the demo's products, and loading again
changes nothing. Products are recognised by the SKUs of their variants, everything else by its slug.
"""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import transaction

from accounts.models import User
from accounts.roles import ANALYSTS, MERCHANTS
from fittingroom.models import EngineConfig, FittingModel
from shop.catalogue import services
from shop.catalogue.models import Brand, Category, Product, ProductImage, Variant

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
    fitting_models: int
    engines: int
    staff: int
    password: str


def read() -> dict[str, Any]:
    """``catalogue.json`` as it is."""
    content: dict[str, Any] = json.loads((FOLDER / "catalogue.json").read_text(encoding="utf-8"))
    return content


def load() -> Loaded:
    """Create what is missing. The second run reads and changes nothing."""
    content = read()
    categories = _load_categories(content["categories"])
    brands = _load_brands(content["brands"])
    password = staff_password()
    return Loaded(
        categories=categories,
        brands=brands,
        products=_load_products(content),
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


def _load_products(content: dict[str, Any]) -> int:
    sizes: list[str] = content["sizes"]
    known = set(Variant.objects.filter(sku__istartswith="DEMO-").values_list("sku", flat=True))
    categories = {category.slug: category for category in Category.objects.all()}
    brands = {brand.slug: brand for brand in Brand.objects.all()}
    new = 0
    # The shop shows the newest first: the file's first product is made last.
    for row in reversed(content["products"]):
        skus = {sku(row["slug"], colour["key"], s) for colour in row["colours"] for s in sizes}
        if skus & known:
            continue
        with transaction.atomic():
            product = Product.objects.create(
                slug=row["slug"],
                title_ko=row["title"]["ko"],
                title_en=row["title"]["en"],
                description_ko=row["description"]["ko"],
                description_en=row["description"]["en"],
                brand=brands[row["brand"]],
                category=categories[row["category"]],
                gender=row["gender"],
                provenance=Product.Provenance.DEMO,
            )
            _add_variants(product, row, sizes)
            _add_images(product, row)
            services.publish_product(product=product)
        new += 1
    return new


def _add_variants(product: Product, row: dict[str, Any], sizes: list[str]) -> None:
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
        for i, (size, stock) in enumerate(zip(sizes, colour["stock"], strict=True))
    )


def _add_images(product: Product, row: dict[str, Any]) -> None:
    flat, detail = ProductImage.Role.FLAT, ProductImage.Role.DETAIL
    title = row["title"]
    pictures = [
        (name, colour, flat, ("펼쳐 놓은 앞모습", "front, laid flat"))
        for name, colour in picture_names(row)
    ]
    main = row["colours"][0]
    pictures.insert(1, (f"{row['slug']}.detail", main, detail, ("가까이 본 모습", "close up")))
    for name, colour, role, (how_ko, how_en) in pictures:
        services.add_product_image(
            product=product,
            data=(FOLDER / "garments" / f"{name}.webp").read_bytes(),
            role=role,
            alt_ko=f"{colour['ko']} {title['ko']}, {how_ko}",
            alt_en=f"{title['en']} in {colour['en'].lower()}, {how_en}",
        )


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
