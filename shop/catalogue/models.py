"""What is sold: categories, brands, products, their variants and pictures."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models, transaction
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from tree_queries.fields import TreeNodeForeignKey
from tree_queries.models import TreeNode

from shop.catalogue import tree
from shop.catalogue.querysets import ProductImageQuerySet, ProductQuerySet


def in_language(*, ko: str, en: str) -> str:
    """The text in the language of the current request; the other one where it is empty."""
    first, second = (ko, en) if (get_language() or "ko").startswith("ko") else (en, ko)
    return first or second


def product_image_path(image: ProductImage, filename: str) -> str:
    """An unguessable name: a merchant's file names say more than the public should read."""
    suffix = PurePosixPath(filename).suffix.lower() or ".jpg"
    return f"catalogue/{image.product_id}/{uuid.uuid4().hex}{suffix}"


class Region(models.TextChoices):
    """Which part of the body a garment dresses. The values are those of ``ml``'s regions."""

    UPPER = "upper", _("upper body")
    LOWER = "lower", _("lower body")
    DRESS = "dress", _("dress")
    OUTER = "outer", _("outerwear")
    NONE = "none", _("not dressed")


class Category(TreeNode):
    # PROTECT, not the library's CASCADE: a slip must not take a whole branch with it.
    parent = TreeNodeForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("parent"),
    )
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)
    region = models.CharField(
        _("dressing region"), max_length=8, choices=Region, default=Region.NONE
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(region__in=Region.values), name="category_region_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        transaction.on_commit(tree.forget)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        deleted: tuple[int, dict[str, int]] = super().delete(*args, **kwargs)
        transaction.on_commit(tree.forget)
        return deleted

    @property
    def name(self) -> str:
        return in_language(ko=self.name_ko, en=self.name_en)

    def get_absolute_url(self) -> str:
        return reverse("catalogue:category", args=[self.slug])


class Brand(models.Model):
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    name_ko = models.CharField(_("name (Korean)"), max_length=80)
    name_en = models.CharField(_("name (English)"), max_length=80)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering: ClassVar = ["name_en", "id"]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_language(ko=self.name_ko, en=self.name_en)


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of a product and what there is in it."""

    name: str
    hex: str
    variants: list[Variant]


class Gender(models.TextChoices):
    WOMEN = "women", _("women")
    MEN = "men", _("men")
    UNISEX = "unisex", _("unisex")


class Product(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")

    class Provenance(models.TextChoices):
        MERCHANT = "merchant", _("entered by a merchant")
        IMPORT = "import", _("imported from a file")
        CRAWL = "crawl", _("collected by the crawler")
        DEMO = "demo", _("drawn for the demo")

    slug = models.SlugField(
        _("slug"),
        max_length=120,
        allow_unicode=True,
        blank=True,
        help_text=_("Made from the title where it is empty."),
    )
    title_ko = models.CharField(_("title (Korean)"), max_length=160)
    title_en = models.CharField(_("title (English)"), max_length=160)
    description_ko = models.TextField(_("description (Korean)"), blank=True)
    description_en = models.TextField(_("description (English)"), blank=True)
    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, related_name="products", verbose_name=_("brand")
    )
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="products", verbose_name=_("category")
    )
    gender = models.CharField(_("gender"), max_length=8, choices=Gender, default=Gender.UNISEX)
    status = models.CharField(_("status"), max_length=12, choices=Status, default=Status.DRAFT)
    provenance = models.CharField(
        _("provenance"), max_length=12, choices=Provenance, default=Provenance.MERCHANT
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(gender__in=Gender.values), name="product_gender_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["draft", "published"]), name="product_status_known"
            ),
            models.CheckConstraint(
                condition=models.Q(provenance__in=["merchant", "import", "crawl", "demo"]),
                name="product_provenance_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="published")
                | ~models.Q(title_ko="") & ~models.Q(title_en=""),
                name="product_published_has_titles",
            ),
        ]
        indexes = [
            models.Index(
                fields=["category", "-created_at"],
                condition=models.Q(status="published"),
                name="product_listing",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        # Decorative: the id decides which product a URL means.
        if not self.slug:
            name = slugify(self.title_en) or slugify(self.title_ko, allow_unicode=True) or "-"
            self.slug = name[:120]
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("catalogue:product", args=[self.pk, self.slug])

    @property
    def title(self) -> str:
        return in_language(ko=self.title_ko, en=self.title_en)

    @property
    def description(self) -> str:
        return in_language(ko=self.description_ko, en=self.description_en)

    # What pages show of the variants. Lists prefetch them (``with_cards``).

    @property
    def price_from(self) -> int | None:
        """The lowest price in won; None while there is no variant."""
        return min((variant.price_krw for variant in self.variants.all()), default=None)

    @property
    def has_price_range(self) -> bool:
        return len({variant.price_krw for variant in self.variants.all()}) > 1

    @property
    def in_stock(self) -> bool:
        return any(variant.stock for variant in self.variants.all())

    @property
    def colours(self) -> list[Colour]:
        """Each colour once, in the order of the variants, with its sizes."""
        found: dict[str, Colour] = {}
        for variant in self.variants.all():
            key = variant.colour_en.casefold()
            colour = found.setdefault(key, Colour(variant.colour, variant.colour_hex, []))
            colour.variants.append(variant)
        return list(found.values())

    @property
    def garment_images(self) -> list[ProductImage]:
        """The pictures that the fitting room can dress people with: one per colour, or none."""
        if self.category.region == Region.NONE:
            return []
        return [image for image in self.images.all() if image.role == ProductImage.Role.FLAT]

    @property
    def garment_image(self) -> ProductImage | None:
        """The one it dresses with unless asked for another; None if it cannot be worn."""
        return next(iter(self.garment_images), None)


class Variant(models.Model):
    """One thing on the shelf: a size and a colour of a product, with its price and stock."""

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="variants", verbose_name=_("product")
    )
    sku = models.CharField(_("SKU"), max_length=64, unique=True)
    size = models.CharField(_("size"), max_length=16)
    colour_ko = models.CharField(_("colour (Korean)"), max_length=40)
    colour_en = models.CharField(_("colour (English)"), max_length=40)
    colour_hex = models.CharField(
        _("colour swatch"),
        max_length=7,
        default="#888888",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as #rrggbb."))],
    )
    price_krw = models.PositiveIntegerField(
        _("price (KRW)"), validators=[MinValueValidator(1)], help_text=_("whole won")
    )
    price_usd_cents = models.PositiveIntegerField(
        _("price (US cents)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    stock = models.PositiveIntegerField(_("stock"), default=0)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "size", "colour_en"],
                name="variant_size_colour_unique",
                violation_error_message=_("This size and colour exists already."),
            ),
            # "ab-1" and "AB-1" are the same label on a shelf.
            models.UniqueConstraint(
                Lower("sku"),
                name="variant_sku_unique_ci",
                violation_error_message=_("This SKU is taken."),
            ),
            models.CheckConstraint(
                condition=models.Q(price_krw__gte=1), name="variant_price_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(price_usd_cents__isnull=True) | models.Q(price_usd_cents__gte=1),
                name="variant_price_usd_positive",
            ),
            # PositiveIntegerField says the same, but this name can be told from other errors.
            models.CheckConstraint(
                condition=models.Q(stock__gte=0), name="variant_stock_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(colour_hex__regex=r"^#[0-9a-fA-F]{6}$"), name="variant_hex"
            ),
        ]

    def __str__(self) -> str:
        return self.sku

    @property
    def colour(self) -> str:
        return in_language(ko=self.colour_ko, en=self.colour_en)


class ProductImage(models.Model):
    class Role(models.TextChoices):
        FLAT = "flat", _("flat")
        WORN = "worn", _("worn")
        DETAIL = "detail", _("detail")

    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="images", verbose_name=_("product")
    )
    file = models.ImageField(
        _("picture"),
        upload_to=product_image_path,
        width_field="width",
        height_field="height",
        max_length=200,
    )
    width = models.PositiveIntegerField(editable=False, default=0)
    height = models.PositiveIntegerField(editable=False, default=0)
    renditions = ArrayField(
        models.PositiveIntegerField(),
        verbose_name=_("renditions"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("Widths in pixels of the WebP copies that lie beside the picture."),
    )
    role = models.CharField(_("role"), max_length=8, choices=Role, default=Role.FLAT)
    alt_ko = models.CharField(_("alternative text (Korean)"), max_length=160, blank=True)
    alt_en = models.CharField(_("alternative text (English)"), max_length=160, blank=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = ProductImageQuerySet.as_manager()

    class Meta:
        verbose_name = _("product picture")
        verbose_name_plural = _("product pictures")
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=["flat", "worn", "detail"]),
                name="productimage_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id}:{self.role}:{self.position}"

    @property
    def alt(self) -> str:
        """Never empty: a picture without words of its own shows its product."""
        return in_language(ko=self.alt_ko, en=self.alt_en) or self.product.title

    def rendition_name(self, width: int) -> str:
        """The storage name of the copy that is ``width`` pixels wide."""
        return f"{PurePosixPath(self.file.name or '').with_suffix('')}-{width}.webp"

    def url_at(self, width: int) -> str:
        """The smallest copy at least ``width`` wide, else the widest, else the picture itself."""
        if not self.renditions:
            return self.file.url
        enough = [each for each in self.renditions if each >= width]
        chosen = min(enough) if enough else max(self.renditions)
        return self.file.storage.url(self.rendition_name(chosen))

    @property
    def src(self) -> str:
        """For ``<img src>``: what a browser shows that does not read ``srcset``."""
        return self.url_at(720)

    @property
    def srcset(self) -> str:
        """For ``<img srcset>``; the picture itself while there are no copies."""
        if not self.renditions:
            return f"{self.file.url} {self.width}w"
        url = self.file.storage.url
        return ", ".join(f"{url(self.rendition_name(w))} {w}w" for w in sorted(self.renditions))
