"""The reads of garment labels, and of the pictures that lack them, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models.functions import Now

from shop.catalogue.models import ProductImage, Region

if TYPE_CHECKING:
    from fittingroom.models import GarmentLabels  # noqa: F401 (the base class names it in quotes)

#: Megabytes for a page of rows, and only dressing and correcting need them.
MASKS = ("mask", "found_mask")


def pictures() -> models.QuerySet[ProductImage]:
    """Every picture that the fitting room could dress somebody with, drafts' included."""
    return ProductImage.objects.filter(role=ProductImage.Role.FLAT).exclude(
        product__category__region=Region.NONE
    )


class GarmentLabelsQuerySet(models.QuerySet["GarmentLabels"]):
    def without_masks(self) -> Self:
        return self.defer(*MASKS)

    def of_pictures(self) -> Self:
        """Without those of pictures that are not dressed with any more: role or category changed.

        They stay, because a slip of the mouse must not cost a merchant's corrections.
        """
        return self.filter(image__role=ProductImage.Role.FLAT).exclude(
            image__product__category__region=Region.NONE
        )

    def of_another_picture(self) -> Self:
        """Made for a file or region that the picture does not have any more."""
        same = models.Q(
            picture=models.F("image__file"), region=models.F("image__product__category__region")
        )
        return self.of_pictures().exclude(picture="").exclude(same)

    def outdated(self, version: str) -> Self:
        """Made by another annotator, and nobody vouches for them."""
        return (
            self.of_pictures().filter(kept=False).exclude(version=version).exclude(status="waiting")
        )

    def due(self) -> Self:
        """Waiting, and no living worker is on it (database's clock).

        First where staff wait, then what has no mask at all, then what shoppers see; the newest
        first.
        """
        free = models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=Now())
        return (
            self.of_pictures()
            .filter(free, status="waiting")
            .order_by(
                models.F("corrected_at").desc(nulls_last=True),
                models.Case(models.When(mask__isnull=True, then=0), default=1),
                models.F("image__product__status").desc(),  # published before draft
                "-image_id",
            )
        )

    def current(self, image: ProductImage, region: str) -> Self:
        """The row of this picture, if it is about its present file."""
        return self.filter(image=image, picture=str(image.file.name), region=region)

    def digest_of(self, image: ProductImage, region: str) -> str:
        """What staff's correction adds to the picture's fingerprint; "" for the annotator's own."""
        return self.current(image, region).values_list("digest", flat=True).first() or ""

    def contradicting(self) -> Self:
        """As ``GarmentLabels.contradicts``."""
        from fittingroom.models.garments import SURE

        other = ~models.Q(category_group=models.F("region")) & ~models.Q(region="")
        return self.filter(other, category_share__gte=SURE)

    def worst_first(self) -> Self:
        """For staff: what cannot be worn, what is doubtful, then the rest by confidence."""
        order = ("failed", "needs_attention", "waiting", "ready", "given", "corrected")
        return self.annotate(
            badness=models.Case(
                *(models.When(status=status, then=rank) for rank, status in enumerate(order)),
                output_field=models.IntegerField(),
            )
        ).order_by("badness", models.F("confidence").asc(nulls_last=True), "-image_id")
