"""What the database itself refuses, and what rows say of themselves."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, ProtectedError
from django.utils import translation

from shop.catalogue import tree
from shop.catalogue.models import Category, Product, ProductImage, Variant
from tests.factories import (
    BrandFactory,
    CategoryFactory,
    ProductFactory,
    ProductImageFactory,
    VariantFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("factory", "values", "constraint"),
    [
        (VariantFactory, {"stock": -1}, "stock"),
        (VariantFactory, {"price_krw": 0}, "variant_price_positive"),
        (VariantFactory, {"price_usd_cents": 0}, "variant_price_usd_positive"),
        (VariantFactory, {"colour_hex": "red"}, "variant_hex"),
        (ProductFactory, {"title_ko": ""}, "product_published_has_titles"),
        (ProductFactory, {"status": "gone"}, "product_status_known"),
        (ProductFactory, {"gender": "x"}, "product_gender_known"),
        (ProductImageFactory, {"role": "x"}, "productimage_role_known"),
        (CategoryFactory, {"region": "feet"}, "category_region_known"),
    ],
)
def test_the_database_refuses(factory: Any, values: dict[str, Any], constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factory(**values)


def test_stock_cannot_be_sold_below_zero() -> None:
    variant = VariantFactory(stock=1)
    with pytest.raises(IntegrityError, match="stock"), transaction.atomic():
        Variant.objects.filter(pk=variant.pk).update(stock=F("stock") - 2)

    variant.refresh_from_db()
    assert variant.stock == 1


def test_an_sku_is_taken_in_any_spelling() -> None:
    VariantFactory(sku="tee-1")

    with pytest.raises(IntegrityError, match="variant_sku_unique_ci"), transaction.atomic():
        VariantFactory(sku="TEE-1")


def test_a_size_and_colour_exist_once_per_product() -> None:
    first = VariantFactory(size="M")
    VariantFactory(size="M")  # of another product

    with pytest.raises(IntegrityError, match="variant_size_colour_unique"), transaction.atomic():
        VariantFactory(size="M", product=first.product)


def test_a_category_keeps_its_branch_and_its_products() -> None:
    parent = CategoryFactory()
    child = CategoryFactory(parent=parent)
    ProductFactory(category=child)

    for category in (parent, child):
        with pytest.raises(ProtectedError):
            category.delete()
    assert Category.objects.count() == 2


def test_a_category_cannot_stand_below_itself() -> None:
    parent = CategoryFactory()
    parent.parent = CategoryFactory(parent=parent)

    with pytest.raises(ValidationError):
        parent.full_clean()


def test_a_slug_is_made_from_the_title_and_fits() -> None:
    assert ProductFactory(title_en="Oxford Shirt!", slug="").slug == "oxford-shirt"
    assert ProductFactory(title_en="가", title_ko="린넨 셔츠", slug="").slug == "린넨-셔츠"
    assert len(ProductFactory(title_en="x" * 160, slug="").slug) == 120


def test_names_follow_the_language() -> None:
    brand = BrandFactory(name_ko="옷방", name_en="Otbang")
    with translation.override("en"):
        assert brand.name == "Otbang"
    with translation.override("ko"):
        assert brand.name == "옷방"


def test_pictures_offer_their_renditions() -> None:
    image = ProductImage(width=800, renditions=[720, 360, 800])
    image.file.name = "catalogue/1/ab.jpg"

    assert image.srcset == (
        "/media/catalogue/1/ab-360.webp 360w, /media/catalogue/1/ab-720.webp 720w, "
        "/media/catalogue/1/ab-800.webp 800w"
    )
    assert image.src == "/media/catalogue/1/ab-720.webp"
    assert image.url_at(100) == "/media/catalogue/1/ab-360.webp"
    assert image.url_at(5000) == "/media/catalogue/1/ab-800.webp"


def test_a_picture_without_renditions_offers_itself() -> None:
    image = ProductImage(width=240)
    image.file.name = "catalogue/1/ab.jpg"

    assert image.srcset == "/media/catalogue/1/ab.jpg 240w"
    assert image.src == "/media/catalogue/1/ab.jpg"


def test_a_picture_without_words_is_called_like_its_product() -> None:
    image = ProductImageFactory(alt_ko="", alt_en="", product__title_ko="린넨 셔츠")

    with translation.override("ko"):
        assert image.alt == "린넨 셔츠"


# --- the tree and the lists -------------------------------------------------------------------


@pytest.fixture
def branch() -> dict[str, Category]:
    """tops > shirts > linen; bottoms."""
    bottoms = CategoryFactory(slug="bottoms", position=2)
    tops = CategoryFactory(slug="tops", position=1)
    shirts = CategoryFactory(slug="shirts", parent=tops)
    linen = CategoryFactory(slug="linen", parent=shirts)
    return {each.slug: each for each in (tops, shirts, linen, bottoms)}


def test_the_tree_knows_the_ways(branch: dict[str, Category]) -> None:
    found = tree.category_tree()

    assert [each.slug for each in found.categories] == ["tops", "shirts", "linen", "bottoms"]
    assert [each.slug for each in found.roots] == ["tops", "bottoms"]
    assert [each.slug for each in found.path(branch["linen"])] == ["tops", "shirts", "linen"]
    assert [each.slug for each in found.children(branch["tops"])] == ["shirts"]
    assert found.ids_below(branch["shirts"]) == [branch["shirts"].pk, branch["linen"].pk]


def test_the_tree_costs_one_query_and_then_none(
    branch: dict[str, Category],
    settings: Any,
    django_assert_num_queries: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    settings.CATALOGUE_TREE_SECONDS = 60
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    with django_assert_num_queries(1):
        tree.category_tree()
        tree.category_tree()

    with django_capture_on_commit_callbacks(execute=True):
        branch["bottoms"].delete()

    assert "bottoms" not in [each.slug for each in tree.category_tree().roots]
    with django_capture_on_commit_callbacks(execute=True):
        CategoryFactory(slug="shoes")
    assert "shoes" in [each.slug for each in tree.category_tree().roots]
    tree.forget()


def test_a_category_lists_everything_below_it(branch: dict[str, Category]) -> None:
    shirt = ProductFactory(category=branch["shirts"])
    linen = ProductFactory(category=branch["linen"])
    ProductFactory(category=branch["bottoms"])
    ProductFactory(category=branch["linen"], status="draft")

    listed = Product.objects.published().in_category(branch["tops"])

    assert set(listed) == {shirt, linen}
    assert list(Product.objects.in_category(branch["linen"]).published()) == [linen]


@pytest.mark.parametrize("count", [1, 10])
def test_cards_cost_three_queries_however_many(count: int, django_assert_num_queries: Any) -> None:
    for _ in range(count):
        product = ProductFactory(complete=True)
        VariantFactory(product=product, price_krw=31_000, colour_en="Blue", stock=0)

    with django_assert_num_queries(3):
        for product in Product.objects.published().with_cards():
            assert (product.price_from, product.has_price_range) == (29_000, True)
            assert product.in_stock
            assert [colour.name for colour in product.colours]
            assert product.brand.name
            assert product.garment_image is not None
            assert product.garment_image.alt
            assert product.garment_image.srcset
