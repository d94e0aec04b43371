"""Publishing, pictures and their files."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image

from shop.catalogue import services
from shop.catalogue.errors import BadPicture, CannotPublish
from shop.catalogue.models import Product, ProductImage, Variant
from tests.drawings import encode
from tests.factories import ProductFactory, ProductImageFactory

pytestmark = pytest.mark.django_db

PHOTO = encode(Image.new("RGB", (800, 1000), (20, 60, 120)), "JPEG")


@pytest.fixture
def draft() -> Product:
    return ProductFactory(complete=True, status="draft")


def status_of(product: Product) -> str:
    return Product.objects.values_list("status", flat=True).get(pk=product.pk)


def test_a_complete_product_is_published(draft: Product) -> None:
    services.publish_product(product=draft)

    assert status_of(draft) == draft.status == "published"


def test_publishing_names_everything_that_is_missing() -> None:
    product = ProductFactory(status="draft", title_en=" ", slug="x")
    ProductImageFactory(product=product, role="worn")

    with pytest.raises(CannotPublish) as refused:
        services.publish_product(product=product)

    assert refused.value.missing == ("title_en", "price", "flat_image")
    assert status_of(product) == "draft"


def test_unpublishing_takes_it_out_of_the_shop(draft: Product) -> None:
    services.publish_product(product=draft)
    services.unpublish_product(product=draft)

    assert status_of(draft) == "draft"


def test_a_published_product_that_loses_its_price_goes_back_to_draft(draft: Product) -> None:
    services.publish_product(product=draft)
    assert services.unpublish_if_incomplete(product=draft) == ()
    Variant.objects.all().delete()

    assert services.unpublish_if_incomplete(product=draft) == ("price",)
    assert status_of(draft) == "draft"


def test_a_picture_is_cleaned_and_kept_with_its_renditions(draft: Product) -> None:
    image = services.add_product_image(product=draft, data=PHOTO, role="detail", alt_en="Blue")

    assert image.position == 1
    assert (image.width, image.height) == (800, 1000)
    assert image.renditions == [360, 540, 720, 800]
    assert "picture" not in image.file.name  # nothing of the upload's name
    for width in image.renditions:
        with Image.open(default_storage.open(image.rendition_name(width))) as copy:
            assert copy.width == width
    again = ProductImage.objects.get(pk=image.pk)
    assert (again.renditions, again.width) == (image.renditions, 800)


def test_a_bad_picture_changes_nothing(draft: Product) -> None:
    with pytest.raises(BadPicture):
        services.add_product_image(product=draft, data=b"%PDF-1.4")

    assert draft.images.count() == 1


def test_the_files_go_with_the_picture(
    draft: Product, django_capture_on_commit_callbacks: Any
) -> None:
    image = services.add_product_image(product=draft, data=PHOTO)
    names = services.image_files(image)
    assert len(names) == 5

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_product_image(image=image)

    assert [name for name in names if default_storage.exists(name)] == []


def test_the_old_files_go_when_a_picture_is_replaced(
    draft: Product, django_capture_on_commit_callbacks: Any
) -> None:
    image = services.add_product_image(product=draft, data=PHOTO)
    old = services.image_files(image)
    picture = services.pictures.decode(encode(Image.new("RGB", (300, 300))))

    with django_capture_on_commit_callbacks(execute=True):
        services.save_picture(image=image, picture=picture)

    assert image.renditions == [300]
    assert [name for name in old if default_storage.exists(name)] == []
    assert all(default_storage.exists(name) for name in services.image_files(image))


def test_the_files_stay_when_the_transaction_fails(draft: Product) -> None:
    image = services.add_product_image(product=draft, data=PHOTO)

    def fail_after_deleting() -> None:
        with transaction.atomic():
            services.delete_product_image(image=ProductImage.objects.get(pk=image.pk))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_after_deleting()

    assert default_storage.exists(image.file.name)
    assert ProductImage.objects.filter(pk=image.pk).exists()


def test_deleting_products_deletes_their_files(
    draft: Product, django_capture_on_commit_callbacks: Any
) -> None:
    other = ProductFactory(complete=True)
    name = draft.images.get().file.name

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_products(products=[draft])

    assert list(Product.objects.all()) == [other]
    assert not default_storage.exists(name)
    with default_storage.open(other.images.get().file.name) as kept:
        assert Image.open(io.BytesIO(kept.read())).size == (240, 320)
