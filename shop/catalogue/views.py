"""The shop's pages: home, categories, products."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from shop.catalogue.filters import SORTS, Filters, facets
from shop.catalogue.models import Category, Colour, Product
from shop.catalogue.tiles import tiles
from shop.catalogue.tree import category_tree

PER_PAGE = 24
NEW_ARRIVALS = 8
#: Pictures at the top of the home page.
DOORS = 3


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    products = Product.objects.published().with_cards()[:NEW_ARRIVALS]
    # Only what can be tried on stands in a door.
    doors = [product for product in products if product.garment_image][:DOORS]
    context = {"products": products, "doors": doors, "tiles": tiles()}
    return render(request, "catalogue/home.html", context)


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    ancestors = list(category.ancestors())
    everything = Product.objects.published().in_category(category)
    filters = Filters.of(request.GET)
    products = filters.apply(everything).with_cards()
    page = Paginator(products, PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "catalogue/category.html",
        {
            "category": category,
            "ancestors": ancestors,
            "current_root": ancestors[0] if ancestors else category,
            "neighbours": neighbours(category),
            "facets": facets(everything, filters, request.GET),
            "sorts": SORTS,
            "sort": filters.sort,
            "page_obj": page,
            "page_range": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        },
    )


def neighbours(category: Category) -> list[Category]:
    """Where to go on from here, the widest first: the branch's parent and all its children."""
    tree = category_tree()
    # Its own children, else those of its parent.
    for each in tree.path(category)[::-1][:2]:
        if below := tree.children(each):
            return [each, *below]
    return []


@require_safe
def product(request: HttpRequest, pk: int, slug: str = "") -> HttpResponse:
    product = get_object_or_404(Product.objects.published().with_details(), pk=pk)
    if slug != product.slug:
        return redirect(product, permanent=True)
    ancestors = list(product.category.ancestors())
    return render(
        request,
        "catalogue/product.html",
        {
            "product": product,
            "ancestors": ancestors,
            "current_root": ancestors[0] if ancestors else product.category,
            "images": product.images.all(),
            "colourways": colourways(product),
            "chart": product.size_chart,
            "structured": structured_data(request, product),
        },
    )


def colourways(product: Product) -> list[tuple[Colour, int | None]]:
    """Each colour with the number of the first picture that shows it, counted from 0."""
    shown = [image.colour.casefold() for image in product.images.all()]
    return [
        (colour, shown.index(colour.key) if colour.key in shown else None)
        for colour in product.colours
    ]


def structured_data(request: HttpRequest, product: Product) -> dict[str, Any]:
    """The product as schema.org knows it: one offer per variant."""
    url = request.build_absolute_uri(product.get_absolute_url())
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "productID": str(product.pk),
        "name": product.title,
        "url": url,
        "brand": {"@type": "Brand", "name": product.brand.name},
        "category": product.category.name,
        "image": [request.build_absolute_uri(image.file.url) for image in product.images.all()],
        "offers": [
            {
                "@type": "Offer",
                "sku": variant.sku,
                "url": url,
                "price": variant.price_krw,
                "priceCurrency": "KRW",
                "availability": "https://schema.org/"
                + ("InStock" if variant.stock else "OutOfStock"),
            }
            for variant in product.variants.all()
        ],
    }
    if product.description:
        data["description"] = product.description
    return data
