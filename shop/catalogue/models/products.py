"""Products and what lies on the shelf of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from shop.catalogue.models.categories import Brand, Category, Region
from shop.catalogue.models.images import ProductImage
from shop.catalogue.models.text import Bilingual
from shop.catalogue.querysets import ProductQuerySet
from shop.catalogue.sizes import SizeChart, chart_of


class Gender(models.TextChoices):
    WOMEN = "women", _("women")
    MEN = "men", _("men")
    UNISEX = "unisex", _("unisex")


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour of a product and what there is in it."""

    key: str
    name: str
    hex: str
    variants: list[Variant]

    @property
    def in_stock(self) -> bool:
        return any(variant.stock for variant in self.variants)


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
    material_ko = models.CharField(_("material (Korean)"), max_length=160, blank=True)
    material_en = models.CharField(_("material (English)"), max_length=160, blank=True)
    care_ko = models.CharField(_("care (Korean)"), max_length=200, blank=True)
    care_en = models.CharField(_("care (English)"), max_length=200, blank=True)
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

    title = Bilingual()
    description = Bilingual()
    material = Bilingual()
    care = Bilingual()

    # What pages show of the variants. Lists prefetch them (``with_cards``).

    @property
    def price_from(self) -> int | None:
        """The lowest price in won; None while there is no variant."""
        return min((variant.price_krw for variant in self.variants.all()), default=None)

    @property
    def price_usd_from(self) -> int | None:
        """The lowest price in US cents; None where no variant has one."""
        prices = (variant.price_usd_cents for variant in self.variants.all())
        return min((price for price in prices if price is not None), default=None)

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
            new = Colour(key, variant.colour, variant.colour_hex, [])
            colour = found.setdefault(key, new)
            colour.variants.append(variant)
        return list(found.values())

    def picture_of(self, colour: Colour | None) -> ProductImage | None:
        """The first picture that shows this colour, else simply the first."""
        pictures = list(self.images.all())
        if colour is not None:
            for picture in pictures:
                if picture.colour.casefold() == colour.key:
                    return picture
        return next(iter(pictures), None)

    @property
    def size_chart(self) -> SizeChart | None:
        """None where nobody measured it. Pages prefetch the rows (``with_details``)."""
        return chart_of(self.category.chart, self.size_rows.all())

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

    colour = Bilingual()
