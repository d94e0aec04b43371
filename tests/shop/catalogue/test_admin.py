"""The catalogue in the admin: uploads, publishing, lists whose cost does not grow."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from shop.catalogue.models import Category, Product, ProductImage, Variant
from tests.drawings import encode
from tests.factories import (
    BrandFactory,
    CategoryFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
    VariantFactory,
)
from tests.shop.catalogue.test_pictures import bomb

pytestmark = pytest.mark.django_db

LIST = "/en/admin/catalogue/product/"
PHOTO = encode(Image.new("RGB", (600, 800), (20, 60, 120)), "JPEG")


@pytest.fixture
def merchant(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, groups=["Merchants"]))
    return client


def formset(prefix: str, *rows: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {
        f"{prefix}-TOTAL_FORMS": len(rows),
        f"{prefix}-INITIAL_FORMS": initial,
    }
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def variant(**changed: Any) -> dict[str, Any]:
    return {
        "sku": "TEE-M",
        "size": "M",
        "colour_ko": "파랑",
        "colour_en": "Blue",
        "colour_hex": "#143c78",
        "price_krw": 29_000,
        "stock": 3,
        "position": 0,
    } | changed


def picture(data: bytes = PHOTO, name: str = "IMG_0001 (secret shoot).jpg") -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, data), "role": "flat", "position": 0}


def form(*, variants: tuple[Any, ...] = (), pictures: tuple[Any, ...] = ()) -> dict[str, Any]:
    return {
        "title_ko": "린넨 셔츠",
        "title_en": "Linen shirt",
        "brand": BrandFactory().pk,
        "category": CategoryFactory().pk,
        "gender": "unisex",
        "description_ko": "",
        "description_en": "",
        "slug": "",
        **formset("variants", *variants),
        **formset("images", *pictures),
    }


def complaints(response: Any) -> str:
    """Everything that the form says is wrong."""
    context = response.context
    errors = [str(context["adminform"].form.errors)]
    errors += [str(each.formset.errors) for each in context["inline_admin_formsets"]]
    return " ".join(errors)


def test_a_product_is_made_and_published_in_one_go(merchant: Client) -> None:
    data = form(variants=(variant(),), pictures=(picture(),)) | {"_publish": "1"}

    response = merchant.post(f"{LIST}add/", data)

    assert response.status_code == 302, complaints(response)
    product = Product.objects.get()
    assert (product.status, product.slug, product.provenance) == (
        "published",
        "linen-shirt",
        "merchant",
    )
    image = product.images.get()
    assert image.renditions == [360, 540, 600]
    assert "secret" not in image.file.name
    assert default_storage.exists(image.rendition_name(540))
    assert merchant.get(f"{LIST}{product.pk}/change/").status_code == 200


def test_saving_keeps_a_draft_and_publishing_says_what_is_missing(merchant: Client) -> None:
    response = merchant.post(f"{LIST}add/", form() | {"_publish": "1"}, follow=True)

    assert Product.objects.get().status == "draft"
    assert (
        "Linen shirt was not published. It still needs: a variant with a price, a flat picture"
        in response.text
    )


@pytest.mark.parametrize(
    ("data", "name", "complaint"),
    [
        (b"%PDF-1.7 ...", "photo.jpg", "not a JPEG, PNG or WebP"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.svg", "not a JPEG, PNG or WebP"),
        (bomb(10_000, 10_000), "photo.png", "too many pixels"),
        (PHOTO[: len(PHOTO) // 2], "photo.jpg", "broken or cut off"),
        (b"", "photo.jpg", "empty"),
    ],
    ids=["pdf", "svg", "100MP", "cut off", "empty"],
)
def test_a_bad_picture_is_refused_beside_its_field(
    merchant: Client, data: bytes, name: str, complaint: str
) -> None:
    sent = form(variants=(variant(),), pictures=(picture(data, name),))

    response = merchant.post(f"{LIST}add/", sent)

    assert response.status_code == 200
    assert complaint in complaints(response)
    assert not Product.objects.exists()
    assert not ProductImage.objects.exists()


def test_a_file_over_the_limit_is_not_even_read(merchant: Client, settings: Any) -> None:
    settings.MAX_PICTURE_BYTES = 1000

    response = merchant.post(f"{LIST}add/", form(pictures=(picture(b"x" * 1001),)))

    assert "too large" in complaints(response)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"price_krw": 0}, "greater than or equal to 1"),
        ({"stock": -1}, "greater than or equal to 0"),
        ({"colour_hex": "blue"}, "Write a colour as #rrggbb."),
        ({"sku": "taken-1"}, "This SKU is taken."),
    ],
)
def test_a_bad_variant_is_refused(
    merchant: Client, changed: dict[str, Any], complaint: str
) -> None:
    VariantFactory(sku="TAKEN-1")

    response = merchant.post(f"{LIST}add/", form(variants=(variant(**changed),)))

    assert response.status_code == 200
    assert complaint in complaints(response)
    assert Variant.objects.count() == 1


def test_taking_away_the_last_picture_takes_the_product_out_of_the_shop(
    merchant: Client, django_capture_on_commit_callbacks: Any
) -> None:
    product = ProductFactory(complete=True)
    image, shelf = product.images.get(), product.variants.get()
    data = form() | {
        "title_en": "New title",
        **formset("variants", variant(id=shelf.pk, product=product.pk), initial=1),
        **formset(
            "images",
            {"id": image.pk, "product": product.pk, "role": "flat", "position": 0, "DELETE": "on"},
            initial=1,
        ),
    }

    with django_capture_on_commit_callbacks(execute=True):
        response = merchant.post(f"{LIST}{product.pk}/change/", data, follow=True)

    product.refresh_from_db()
    assert (product.title_en, product.status) == ("New title", "draft")
    assert "no longer in the shop" in response.text
    assert not default_storage.exists(image.file.name)


def test_the_actions_publish_what_is_ready_and_say_why_the_rest_is_not(merchant: Client) -> None:
    ready = ProductFactory(complete=True, status="draft")
    bare = ProductFactory(status="draft")
    chosen = {"action": "publish", "_selected_action": [ready.pk, bare.pk]}

    response = merchant.post(LIST, chosen, follow=True)

    ready.refresh_from_db()
    bare.refresh_from_db()
    assert (ready.status, bare.status) == ("published", "draft")
    assert "1 product changed." in response.text
    assert f"{bare.title_en} was not published." in response.text

    merchant.post(LIST, {"action": "unpublish", "_selected_action": [ready.pk]})
    ready.refresh_from_db()
    assert ready.status == "draft"


def test_deleting_products_deletes_their_files(
    merchant: Client, django_capture_on_commit_callbacks: Any
) -> None:
    product = ProductFactory(complete=True)
    name = product.images.get().file.name
    chosen = {"action": "delete_selected", "_selected_action": [product.pk], "post": "yes"}

    with django_capture_on_commit_callbacks(execute=True):
        merchant.post(LIST, chosen)

    assert not Product.objects.exists()
    assert not default_storage.exists(name)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?stock=none", {"gone"}),
        ("?stock=low", {"low"}),
        ("?stock=some", {"low", "full"}),
        ("?status__exact=draft", {"full"}),
        ("?q=SKU-LOW", {"low"}),
        ("?q=gone", {"gone"}),
    ],
)
def test_the_list_is_filtered_and_searched(
    merchant: Client, query: str, expected: set[str]
) -> None:
    for title, stock, status in (
        ("gone", 0, "published"),
        ("low", 2, "published"),
        ("full", 50, "draft"),
    ):
        product = ProductFactory(title_en=title, status=status)
        VariantFactory(product=product, stock=stock, sku=f"sku-{title}")
        VariantFactory(product=product, stock=stock)

    response = merchant.get(LIST + query)

    shown = [product.title_en for product in response.context["cl"].result_list]
    assert sorted(shown) == sorted(expected)


def test_the_category_filter_means_everything_below(merchant: Client) -> None:
    tops = CategoryFactory()
    inside = ProductFactory(category=CategoryFactory(parent=tops))
    ProductFactory()

    response = merchant.get(f"{LIST}?category={tops.pk}")

    assert list(response.context["cl"].result_list) == [inside]


def test_the_list_shows_price_and_stock(merchant: Client) -> None:
    product = ProductFactory()
    VariantFactory(product=product, price_krw=29_000, stock=2)
    VariantFactory(product=product, price_krw=31_500, stock=5)

    text = merchant.get(LIST).text

    assert "29,000–31,500" in text
    assert '<td class="field-shelf">7</td>' in text


def queries(client: Client, url: str) -> int:
    client.get(url)  # content types, sessions
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize(
    ("url", "most"),
    [(LIST, 14), ("/en/admin/catalogue/category/", 10), ("/en/admin/catalogue/brand/", 10)],
)
def test_lists_cost_the_same_for_ten_times_the_rows(merchant: Client, url: str, most: int) -> None:
    def add(count: int) -> None:
        for _ in range(count):
            product = ProductFactory(complete=True)
            ProductImageFactory(product=product)

    add(3)
    few = queries(merchant, url)
    add(27)

    assert queries(merchant, url) == few <= most


def test_the_form_costs_the_same_for_ten_times_the_rows(merchant: Client) -> None:
    product = ProductFactory(complete=True)
    url = f"{LIST}{product.pk}/change/"
    few = queries(merchant, url)
    for _ in range(9):
        VariantFactory(product=product)
        ProductImageFactory(product=product)
        ProductFactory(complete=True)

    assert queries(merchant, url) == few <= 12


def test_categories_are_a_tree(merchant: Client) -> None:
    bottoms = CategoryFactory(name_en="Bottoms", position=2)
    tops = CategoryFactory(name_en="Tops", position=1)
    CategoryFactory(name_en="Shirts", parent=tops)

    text = merchant.get("/en/admin/catalogue/category/").text

    assert text.index(">Tops<") < text.index("└ Shirts<") < text.index(">Bottoms<")
    data = {"parent": tops.pk, "name_ko": "바지", "name_en": "Trousers", "slug": "trousers"}
    merchant.post(
        f"/en/admin/catalogue/category/{bottoms.pk}/change/",
        data | {"region": "lower", "position": 5},
    )
    assert Category.objects.get(pk=bottoms.pk).parent == tops


def test_only_a_published_product_links_to_its_page(merchant: Client) -> None:
    draft = ProductFactory(complete=True, status="draft")
    published = ProductFactory(complete=True)

    assert "View on site" in merchant.get(f"{LIST}{published.pk}/change/").text
    text = merchant.get(f"{LIST}{draft.pk}/change/").text
    assert "View on site" not in text
    assert 'name="_publish"' in text
