"""The catalogue for merchants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from tree_queries.admin import TreeChangeList
from tree_queries.forms import TreeNodeChoiceField

from shop.catalogue import services, tree
from shop.catalogue.errors import CannotPublish
from shop.catalogue.fields import CleanUpload, PictureField
from shop.catalogue.models import Brand, Category, Product, ProductImage, Variant
from shop.catalogue.size_forms import SizeRowInline, columns_of, sizes_without_row

LOW_STOCK = 5
#: An em space: the pages of the admin fold ordinary ones.
INDENT = "\N{EM SPACE}"


def thumbnail(image: ProductImage | None) -> SafeString | str:
    if image is None or not image.file:
        return "–"
    return format_html(
        '<img class="thumbnail" src="{}" alt="{}" width="48" height="64" loading="lazy">',
        image.url_at(360),
        image.alt,
    )


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["indented", "slug", "region", "chart", "position", "product_count"]
    list_display_links = ["indented"]
    list_editable = ["position"]
    list_filter = ["region"]
    search_fields = ["name_ko", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}
    fields = ["parent", ("name_ko", "name_en"), "slug", "region", "chart", "position"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        tree_rows = Category.objects.with_tree_fields()
        rows: QuerySet[Category] = tree_rows.annotate(product_count=Count("products"))
        return rows

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        depth_first: type[ChangeList] = TreeChangeList
        return depth_first

    @admin.display(description=_("name"))
    def indented(self, category: Category) -> SafeString:
        depth = getattr(category, "tree_depth", 0)
        return format_html("{}{}", INDENT * depth + ("└ " if depth else ""), category)

    @admin.display(description=_("products"))
    def product_count(self, category: Category) -> int:
        return int(getattr(category, "product_count", 0))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Category]) -> None:
        super().delete_queryset(request, queryset)
        tree.forget()


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):
    list_display = ["name_ko", "name_en", "slug", "product_count"]
    search_fields = ["name_ko", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        rows: QuerySet[Brand] = super().get_queryset(request)
        return rows.annotate(product_count=Count("products"))

    @admin.display(description=_("products"), ordering="product_count")
    def product_count(self, brand: Brand) -> int:
        return int(getattr(brand, "product_count", 0))


class VariantForm(forms.ModelForm):
    class Meta:
        widgets = {"colour_hex": forms.TextInput(attrs={"type": "color"})}


class VariantInline(admin.TabularInline):
    model = Variant
    form = VariantForm
    extra = 0
    fields = [
        "sku",
        "size",
        "colour_ko",
        "colour_en",
        "colour_hex",
        "price_krw",
        "price_usd_cents",
        "stock",
        "position",
    ]


class ProductImageForm(forms.ModelForm):
    class Meta:
        field_classes = {"file": PictureField}

    def save(self, commit: bool = True) -> ProductImage:
        """A new file is cleaned and scaled; the others keep what they have."""
        upload = self.cleaned_data.get("file")
        image: ProductImage = self.instance
        if commit and isinstance(upload, CleanUpload):
            services.save_picture(image=image, picture=upload.picture)
        else:
            super().save(commit=commit)
        return image


class ProductImageFormSet(BaseInlineFormSet):
    def delete_existing(self, obj: ProductImage, commit: bool = True) -> None:
        if commit:
            services.delete_product_image(image=obj)


class ProductImageInline(admin.TabularInline):
    model = ProductImage
    form = ProductImageForm
    formset = ProductImageFormSet
    extra = 0
    fields = ["preview", "file", "role", "colour", "alt_ko", "alt_en", "position"]
    readonly_fields = ["preview"]

    @admin.display(description=_("preview"))
    def preview(self, image: ProductImage) -> SafeString | str:
        return thumbnail(image)


class CategoryFilter(admin.SimpleListFilter):
    """A category means everything below it too."""

    title = _("category")
    parameter_name = "category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [
            (str(each.pk), INDENT * each.tree_depth + each.name)
            for each in tree.category_tree().categories
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        chosen = [each for each in tree.category_tree().categories if str(each.pk) == self.value()]
        if not chosen:
            return queryset
        return queryset.filter(category__in=tree.category_tree().ids_below(chosen[0]))


class StockFilter(admin.SimpleListFilter):
    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [
            ("none", _("sold out")),
            ("low", _("some variant nearly sold out")),
            ("some", _("in stock")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        # EXISTS, not a join: no product appears twice, and none has to be made distinct.
        shelf = Variant.objects.filter(product=OuterRef("pk"), stock__gt=0)
        match self.value():
            case "none":
                return queryset.filter(~Exists(shelf))
            case "low":
                return queryset.filter(Exists(shelf.filter(stock__lt=LOW_STOCK)))
            case "some":
                return queryset.filter(Exists(shelf))
        return queryset


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = [
        "picture",
        "title_ko",
        "title_en",
        "brand",
        "category",
        "price",
        "shelf",
        "status",
    ]
    list_display_links = ["picture", "title_ko"]
    list_filter = ["status", StockFilter, CategoryFilter, "gender", "provenance", "brand"]
    list_per_page = 50
    search_fields = ["title_ko", "title_en", "brand__name_ko", "brand__name_en"]
    search_help_text = _("Title, brand or the beginning of an SKU")
    date_hierarchy = "created_at"
    autocomplete_fields = ["brand"]
    prepopulated_fields = {"slug": ["title_en"]}
    readonly_fields = ["status", "provenance", "created_at", "updated_at"]
    inlines = [VariantInline, SizeRowInline, ProductImageInline]
    actions = ["publish", "unpublish"]
    fieldsets = [
        (None, {"fields": [("title_ko", "title_en"), ("brand", "category", "gender"), "status"]}),
        (
            _("Description"),
            {
                "fields": [
                    ("description_ko", "description_en"),
                    ("material_ko", "material_en"),
                    ("care_ko", "care_en"),
                ]
            },
        ),
        (
            _("Details"),
            {
                "classes": ["collapse"],
                "fields": ["slug", "provenance", ("created_at", "updated_at")],
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return Product.objects.for_staff()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """SKUs by EXISTS: through a join, ten thousand products would have to be made distinct."""
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if sku := search_term.strip():
            own = Variant.objects.filter(product=OuterRef("pk"), sku__istartswith=sku)
            found |= queryset.filter(Exists(own))
        return found, duplicates

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "category":
            kwargs.setdefault("form_class", TreeNodeChoiceField)
            kwargs["queryset"] = Category.objects.with_tree_fields()
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_view_on_site_url(self, obj: Product | None = None) -> str | None:
        """Shoppers' pages show no drafts, not even to merchants."""
        if obj is None or obj.status != Product.Status.PUBLISHED:
            return None
        return super().get_view_on_site_url(obj)

    def get_inlines(self, request: HttpRequest, obj: Product | None) -> list[Any]:
        """No size chart where nothing is measured, nor in a form that was opened without one."""
        charted = bool(columns_of(obj))
        if request.method == "POST":
            charted = charted and "size_rows-TOTAL_FORMS" in request.POST
        return [each for each in self.inlines if each is not SizeRowInline or charted]

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Product, inline: Any, prefix: str
    ) -> dict[str, Any]:
        """Sizes on the shelf without measures are offered: only the numbers have to be typed."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)  # type: ignore[misc]
        if isinstance(inline, SizeRowInline) and obj.pk:
            kwargs["initial"] = [
                {"size": size, "position": 10 * number}
                for number, size in enumerate(sizes_without_row(obj), obj.size_rows.count())
            ]
        return kwargs

    # --- the list -----------------------------------------------------------------------------

    @admin.display(description=_("picture"))
    def picture(self, product: Product) -> SafeString | str:
        return thumbnail(next(iter(product.images.all()), None))

    @admin.display(description=_("price (KRW)"), ordering="price_low")
    def price(self, product: Product) -> str:
        low, high = getattr(product, "price_low", None), getattr(product, "price_high", None)
        if low is None:
            return "–"
        return f"{low:,}" if low == high else f"{low:,}–{high:,}"

    @admin.display(description=_("stock"), ordering="stock_total")
    def shelf(self, product: Product) -> int:
        return getattr(product, "stock_total", None) or 0

    @admin.action(description=_("Publish"), permissions=["change"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        done = sum(self._publish(request, product) for product in queryset)
        self._count(request, done)

    @admin.action(description=_("Take out of the shop"), permissions=["change"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        products = list(queryset)
        for product in products:
            services.unpublish_product(product=product)
        self._count(request, len(products))

    def _publish(self, request: HttpRequest, product: Product) -> bool:
        try:
            services.publish_product(product=product)
        except CannotPublish as error:
            text = _("%(product)s was not published. %(reason)s")
            messages.error(request, text % {"product": product, "reason": error.message})
            return False
        return True

    def _count(self, request: HttpRequest, count: int) -> None:
        if count:
            text = ngettext("%d product changed.", "%d products changed.", count)
            messages.success(request, text % count)

    # --- the form -----------------------------------------------------------------------------

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Publishing comes last: only now are variants and pictures where they belong."""
        super().save_related(request, form, formsets, change)
        product = form.instance
        if "_publish" in request.POST:
            self._publish(request, product)
        elif services.unpublish_if_incomplete(product=product):
            text = _("%(product)s is no longer in the shop: it lacks something that it needs.")
            messages.warning(request, text % {"product": product})

    def delete_model(self, request: HttpRequest, obj: Product) -> None:
        services.delete_products(products=[obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        services.delete_products(products=list(queryset))
