"""Rows for tests. Each factory makes something valid; say only what your test is about."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from fittingroom.models import (
    EngineConfig,
    FittingModel,
    GarmentLabels,
    PersonPhoto,
    Rating,
    TryOn,
    TryOnGarment,
)
from fittingroom.photos import files
from recommendations.models import Look, LookItem
from shop.catalogue.models import (
    Brand,
    Category,
    Product,
    ProductImage,
    Region,
    SizeRow,
    Variant,
)
from tests import drawings

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory):
    """A shopper with :data:`PASSWORD`. ``is_staff=True`` or ``groups=["Merchants"]`` for staff."""

    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@example.com")
    password = factory.django.Password(PASSWORD)
    is_active = True

    @factory.post_generation
    def groups(self: Any, create: bool, names: list[str] | None, **kwargs: Any) -> None:
        if create and names:
            from django.contrib.auth.models import Group

            self.groups.set([Group.objects.get(name=name) for name in names])


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    slug = factory.Sequence(lambda n: f"category-{n}")
    name_ko = factory.Sequence(lambda n: f"상의 {n}")
    name_en = factory.Sequence(lambda n: f"Tops {n}")
    region = Region.UPPER


class BrandFactory(DjangoModelFactory):
    class Meta:
        model = Brand

    slug = factory.Sequence(lambda n: f"brand-{n}")
    name_ko = factory.Sequence(lambda n: f"브랜드 {n}")
    name_en = factory.Sequence(lambda n: f"Brand {n}")


class ProductFactory(DjangoModelFactory):
    """A product without variants and pictures. ``complete=True`` adds one of each."""

    class Meta:
        model = Product
        skip_postgeneration_save = True

    title_ko = factory.Sequence(lambda n: f"코튼 티셔츠 {n}")
    title_en = factory.Sequence(lambda n: f"Cotton T-shirt {n}")
    brand = factory.SubFactory(BrandFactory)
    category = factory.SubFactory(CategoryFactory)
    status = Product.Status.PUBLISHED

    @factory.post_generation
    def complete(self: Any, create: bool, wanted: bool | None, **kwargs: Any) -> None:
        if create and wanted:
            VariantFactory(product=self)
            ProductImageFactory(product=self)


class VariantFactory(DjangoModelFactory):
    class Meta:
        model = Variant

    product = factory.SubFactory(ProductFactory)
    sku = factory.Sequence(lambda n: f"SKU-{n:05}")
    size = factory.Sequence(lambda n: f"S{n}")
    colour_ko = "빨강"
    colour_en = "Red"
    colour_hex = "#b41e3c"
    price_krw = 29_000
    stock = 5


class ProductImageFactory(DjangoModelFactory):
    """A flat picture of a T-shirt, 240 x 320, without renditions."""

    class Meta:
        model = ProductImage

    product = factory.SubFactory(ProductFactory)
    file = factory.LazyFunction(
        lambda: ContentFile(drawings.garment_photo(), name=f"{uuid.uuid4().hex}.jpg")
    )
    role = ProductImage.Role.FLAT
    alt_ko = "흰 바탕의 빨간 티셔츠"
    alt_en = "Red T-shirt on white"


class SizeRowFactory(DjangoModelFactory):
    class Meta:
        model = SizeRow

    product = factory.SubFactory(ProductFactory)
    size = factory.Sequence(lambda n: f"S{n}")
    measures = factory.LazyFunction(lambda: {"length": 70, "chest": 52.5})
    position = factory.Sequence(int)


class LookFactory(DjangoModelFactory):
    """A published Look. ``garments=2`` fills it with that many complete products."""

    class Meta:
        model = Look
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"look-{n}")
    title_ko = factory.Sequence(lambda n: f"코디 {n}")
    title_en = factory.Sequence(lambda n: f"Look {n}")
    published = True

    @factory.post_generation
    def garments(self: Any, create: bool, count: int | None, **kwargs: Any) -> None:
        for position in range(count or 0):
            product = ProductFactory(complete=True)
            LookItemFactory(look=self, product=product, position=position)


class LookItemFactory(DjangoModelFactory):
    class Meta:
        model = LookItem

    look = factory.SubFactory(LookFactory)
    product = factory.SubFactory(ProductFactory)


class GarmentLabelsFactory(DjangoModelFactory):
    """Labels of the drawn T-shirt as the annotator would have found them.

    ``status="needs_attention"``, ``status="corrected", kept=True``; ``failed=True`` for none.
    """

    class Meta:
        model = GarmentLabels

    class Params:
        failed = factory.Trait(
            status="failed", failure="no_garment", mask=None, outline=[], cut="", landmarks={}
        )

    image = factory.SubFactory(ProductImageFactory)
    picture = factory.LazyAttribute(lambda o: o.image.file.name)
    region = Region.UPPER
    status = "ready"
    width, height = drawings.GARMENT_SIZE
    mask = factory.LazyFunction(drawings.garment_mask)
    outline = factory.LazyFunction(lambda: [[list(p) for p in drawings.GARMENT_OUTLINE]])
    cut = "top"
    landmarks = factory.LazyFunction(lambda: {n: list(p) for n, p in drawings.LANDMARKS.items()})
    found_mask, found_cut = factory.SelfAttribute("mask"), "top"
    found_landmarks = factory.SelfAttribute("landmarks")
    category, category_group, category_share = "t-shirt", "upper", 0.9
    probabilities = factory.LazyFunction(lambda: {"t-shirt": 0.9, "shirt": 0.1})
    colours = factory.LazyFunction(
        lambda: [{"name": "red", "lab": [39.0, 62.0, 27.0], "hex": "#b41e3c", "share": 1.0}]
    )
    pattern = "plain"
    confidence, mask_confidence = 0.9, 0.95


class FittingModelFactory(DjangoModelFactory):
    """A drawn person, 240 x 320, with a parse and keypoints that fit.

    ``bare=True``: only the photo came in; ``annotated=True``: a worker has found the rest.
    """

    class Meta:
        model = FittingModel

    class Params:
        bare = factory.Trait(
            state="new", active=False, parse="", keypoints=None, annotation_source="network"
        )
        annotated = factory.Trait(
            state="annotated", active=False, attempt=1, annotation_source="network"
        )

    slug = factory.Sequence(lambda n: f"model-{n}")
    name_ko = factory.Sequence(lambda n: f"모델 {n}")
    name_en = factory.Sequence(lambda n: f"Model {n}")
    height_cm = 170
    size_worn = "M"
    photo = factory.LazyFunction(lambda: ContentFile(drawings.person_photo(), name="photo.jpg"))
    parse = factory.LazyFunction(lambda: ContentFile(drawings.person_parse(), name="parse.png"))
    keypoints = factory.LazyFunction(lambda: [list(point) for point in drawings.KEYPOINTS])


class PersonPhotoFactory(DjangoModelFactory):
    """A shopper's own photo, ready to be dressed: the drawn person, 240 x 320.

    ``checking=True`` makes it wait for its check; ``user=None`` makes it a visitor's.
    """

    class Meta:
        model = PersonPhoto

    class Params:
        checking = factory.Trait(
            status=PersonPhoto.Status.CHECKING, parse="", keypoints=None, annotator=""
        )

    user = factory.SubFactory(UserFactory)
    visitor = factory.LazyAttribute(lambda o: None if o.user else uuid.uuid4())
    status = PersonPhoto.Status.READY
    id = factory.LazyFunction(uuid.uuid4)
    file = factory.LazyAttribute(lambda o: own_file(o.id, ".jpg", drawings.person_photo()))
    parse = factory.LazyAttribute(lambda o: own_file(o.id, ".png", drawings.person_parse()))
    keypoints = factory.LazyFunction(lambda: [list(point) for point in drawings.KEYPOINTS])
    width, height = drawings.PERSON_SIZE
    annotator = "test-1"
    content_hash = factory.LazyFunction(lambda: uuid.uuid4().hex * 2)
    consent_version = "test"
    consented_at = factory.LazyFunction(timezone.now)
    attested_at = factory.LazyFunction(timezone.now)
    keep_days = 1
    expires_at = factory.LazyAttribute(lambda o: timezone.now() + timedelta(days=o.keep_days))


def own_file(pk: uuid.UUID, suffix: str, data: bytes) -> str:
    """Store a file of a shopper's photo; gives its name."""
    return str(files.storage().save(files.new_name(pk, suffix), ContentFile(data)))


class TryOnFactory(DjangoModelFactory):
    """A queued try-on of one garment by a registered shopper.

    ``done=True`` gives it a result, ``failed=True`` a reason; ``user=None`` makes it a visitor's.
    """

    class Meta:
        model = TryOn
        skip_postgeneration_save = True

    class Params:
        done = factory.Trait(
            status=TryOn.Status.DONE,
            attempt=1,
            started_at=factory.LazyFunction(timezone.now),
            finished_at=factory.LazyFunction(timezone.now),
            stage_ms={"prepare": 120, "warp": 300, "compose": 80},
            result=factory.LazyFunction(
                lambda: ContentFile(drawings.person_photo(), name=f"{uuid.uuid4().hex}.jpg")
            ),
        )
        failed = factory.Trait(
            status=TryOn.Status.FAILED,
            attempt=3,
            reason_code="no_garment",
            finished_at=factory.LazyFunction(timezone.now),
        )

    user = factory.SubFactory(UserFactory)
    visitor = factory.LazyAttribute(lambda o: None if o.user else uuid.uuid4())
    photo = None
    fitting_model = factory.Maybe(
        "photo", yes_declaration=None, no_declaration=factory.SubFactory(FittingModelFactory)
    )
    engine = "drape"
    engine_version = "test"
    content_hash = factory.LazyFunction(lambda: uuid.uuid4().hex * 2)
    garment = factory.RelatedFactory(
        "tests.factories.TryOnGarmentFactory", factory_related_name="tryon"
    )


class TryOnGarmentFactory(DjangoModelFactory):
    class Meta:
        model = TryOnGarment

    tryon = factory.SubFactory(TryOnFactory, garment=None)
    image = factory.SubFactory(ProductImageFactory)
    region = Region.UPPER
    layer = 0


class RatingFactory(DjangoModelFactory):
    class Meta:
        model = Rating

    tryon = factory.SubFactory(TryOnFactory, done=True)
    realism = 4
    liking = 5


class EngineConfigFactory(DjangoModelFactory):
    class Meta:
        model = EngineConfig

    name = "drape"
    enabled = True
