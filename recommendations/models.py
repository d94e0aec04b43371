"""What goes with what: Looks that somebody put together by hand."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from recommendations.querysets import LookQuerySet
from shop.catalogue.models import Bilingual, Colour, Product, ProductImage


class Look(models.Model):
    """An outfit: products that are worn together, in the order in which a page shows them."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    title_ko = models.CharField(_("title of the Look (Korean)"), max_length=80)
    title_en = models.CharField(_("title of the Look (English)"), max_length=80)
    description_ko = models.TextField(_("description (Korean)"), blank=True)
    description_en = models.TextField(_("description (English)"), blank=True)
    published = models.BooleanField(_("published"), default=False)
    position = models.PositiveIntegerField(
        _("position"), default=0, help_text=_("Lower numbers come first.")
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated"), auto_now=True)

    objects = LookQuerySet.as_manager()

    class Meta:
        verbose_name = _("Look")
        verbose_name_plural = _("Looks")
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("recommendations:look", args=[self.slug])

    title = Bilingual()
    description = Bilingual()

    @property
    def price(self) -> int:
        """In won: what can be bought of it, each in the size that costs least."""
        return sum(item.price or 0 for item in self.items.all() if item.in_stock)


class LookItem(models.Model):
    """A product in a Look, and the colour it is worn in."""

    look = models.ForeignKey(
        Look, on_delete=models.CASCADE, related_name="items", verbose_name=_("Look")
    )
    product = models.ForeignKey(
        Product, on_delete=models.CASCADE, related_name="look_items", verbose_name=_("product")
    )
    colour = models.CharField(
        _("colour"),
        max_length=40,
        blank=True,
        help_text=_("As the variants name it in English; empty: the first."),
    )
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("garment of a Look")
        verbose_name_plural = _("garments of a Look")
        ordering: ClassVar = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["look", "product"],
                name="lookitem_product_once",
                violation_error_message=_("This product is in the Look already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.look_id}:{self.product_id}"

    def clean(self) -> None:
        """Only a colour that the product has; written as the variants write it."""
        if not self.colour or self.product_id is None:
            return
        names = {variant.colour_en for variant in self.product.variants.all()}
        known = {name.casefold(): name for name in names}
        if self.colour.casefold() not in known:
            raise ValidationError(
                {"colour": _("This product comes in: %s") % (", ".join(sorted(names)) or "–")}
            )
        self.colour = known[self.colour.casefold()]

    # What pages show of it. ``LookQuerySet.with_items`` fetches all of that beforehand.

    @property
    def shown_colour(self) -> Colour | None:
        """The chosen colour; where it is sold out, the first that can be bought, if any."""
        colours = self.product.colours
        chosen = next((each for each in colours if each.key == self.colour.casefold()), None)
        chosen = chosen or next(iter(colours), None)
        if chosen is None or chosen.in_stock:
            return chosen
        return next((each for each in colours if each.in_stock), chosen)

    @property
    def in_stock(self) -> bool:
        return bool(self.shown_colour and self.shown_colour.in_stock)

    @property
    def price(self) -> int | None:
        """The lowest in won in the colour shown; None while there is no variant."""
        colour = self.shown_colour
        return min((each.price_krw for each in colour.variants), default=None) if colour else None

    @property
    def picture(self) -> ProductImage | None:
        return self.product.picture_of(self.shown_colour)

    @property
    def garment_image(self) -> ProductImage | None:
        """What the fitting room would dress somebody with; None if it cannot be worn."""
        wearable = self.product.garment_images
        return self.picture if self.picture in wearable else next(iter(wearable), None)
