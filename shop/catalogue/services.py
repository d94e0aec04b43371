"""Everything that changes the catalogue and means something. One transaction each."""

from __future__ import annotations

from functools import partial

import structlog
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from shop.catalogue import locks, pictures
from shop.catalogue.errors import CannotPublish
from shop.catalogue.models import Product, ProductImage

log = structlog.get_logger(__name__)

#: What a product can lack, in the order in which a merchant fills it in.
MISSING = {
    "title_ko": _("a Korean title"),
    "title_en": _("an English title"),
    "price": _("a variant with a price"),
    "flat_image": _("a flat picture"),
}


def missing_for_publishing(product: Product) -> tuple[str, ...]:
    """Codes of :data:`MISSING`; empty where the product is ready. Up to two queries."""
    lacking = {
        "title_ko": not product.title_ko.strip(),
        "title_en": not product.title_en.strip(),
        "price": not product.variants.exists(),
        "flat_image": not product.images.filter(role=ProductImage.Role.FLAT).exists(),
    }
    return tuple(code for code in MISSING if lacking[code])


def publish_product(*, product: Product) -> None:
    """Show a product to shoppers. Raises CannotPublish with everything that is missing."""
    with transaction.atomic():
        locks.lock_products([product.pk])
        product.refresh_from_db()
        if missing := missing_for_publishing(product):
            raise CannotPublish(missing, _sentence(missing))
        _set_status(product, Product.Status.PUBLISHED)


def unpublish_product(*, product: Product) -> None:
    """Take a product out of the shop; links to it answer 404."""
    with transaction.atomic():
        locks.lock_products([product.pk])
        _set_status(product, Product.Status.DRAFT)


def unpublish_if_incomplete(*, product: Product) -> tuple[str, ...]:
    """After an edit: a published product that lacks something goes back to draft.

    Returns what is missing; empty where nothing changed.
    """
    with transaction.atomic():
        locks.lock_products([product.pk])
        product.refresh_from_db()
        if product.status != Product.Status.PUBLISHED:
            return ()
        missing = missing_for_publishing(product)
        if missing:
            _set_status(product, Product.Status.DRAFT)
    return missing


def add_product_image(
    *,
    product: Product,
    data: bytes,
    role: str = ProductImage.Role.FLAT,
    colour: str = "",
    alt_ko: str = "",
    alt_en: str = "",
    position: int | None = None,
    own: bool = False,
) -> ProductImage:
    """Decode, clean and keep a picture with its renditions. Raises BadPicture.

    ``position`` None puts it last. ``own``: a WebP that this project made, kept as it is.
    """
    picture = pictures.decode_own(data) if own else pictures.decode(data)
    with transaction.atomic():
        locks.lock_products([product.pk])
        if position is None:
            last = product.images.aggregate(last=Max("position"))["last"]
            position = 0 if last is None else last + 1
        image = ProductImage(
            product=product,
            role=role,
            colour=colour,
            alt_ko=alt_ko,
            alt_en=alt_en,
            position=position,
        )
        save_picture(image=image, picture=picture)
    return image


def save_picture(*, image: ProductImage, picture: pictures.Picture) -> None:
    """Save the row with this picture as its file; the files that it had before go.

    Renditions are made here, so that no page ever waits for one or misses one.
    """
    old = image_files(ProductImage.objects.get(pk=image.pk)) if image.pk else []
    image.file = ContentFile(picture.encoded(), name=f"picture{picture.suffix}")  # type: ignore[assignment]
    image.renditions = []
    with transaction.atomic():
        image.save()
        storage = image.file.storage
        widths = []
        for width, data in pictures.renditions(picture):
            storage.save(image.rendition_name(width), ContentFile(data))
            widths.append(width)
        image.renditions = sorted(widths)
        image.save(update_fields=["renditions"])
        erase_files(storage, old)


def delete_product_image(*, image: ProductImage) -> None:
    """The row, its picture and its renditions."""
    with transaction.atomic():
        names = image_files(image)
        image.delete()
        erase_files(image.file.storage, names)


def delete_products(*, products: list[Product]) -> None:
    """Products with variants, pictures and files. Raises ProtectedError where one is held."""
    with transaction.atomic():
        locked = locks.lock_products([product.pk for product in products])
        images = list(ProductImage.objects.filter(product__in=locked))
        Product.objects.filter(pk__in=locked).delete()
        for image in images:
            erase_files(image.file.storage, image_files(image))


def image_files(image: ProductImage) -> list[str]:
    """Every storage name that belongs to a picture."""
    if not image.file:
        return []
    return [str(image.file.name), *(image.rendition_name(width) for width in image.renditions)]


def erase_files(storage: Storage, names: list[str]) -> None:
    """On commit: a rollback must not leave a row without its file."""
    transaction.on_commit(partial(_erase, storage, names))


def _erase(storage: Storage, names: list[str]) -> None:
    for name in names:
        try:
            storage.delete(name)
        except OSError as error:
            log.warning("picture_not_erased", name=name, error=str(error))


def _set_status(product: Product, status: Product.Status) -> None:
    product.status = status
    product.save(update_fields=["status", "updated_at"])


def _sentence(missing: tuple[str, ...]) -> str:
    parts = ", ".join(str(MISSING[code]) for code in missing)
    return str(_("It still needs: %s")) % parts
