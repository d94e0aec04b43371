"""Pages of Looks, and the fragments that other pages fetch by address."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from recommendations.models import Look
from shop.catalogue.models import Product

PER_PAGE = 12
#: Looks in a fragment of another page.
ON_HOME = 4
BESIDE_A_PRODUCT = 2


@require_safe
def looks(request: HttpRequest) -> HttpResponse:
    page = Paginator(Look.objects.visible().with_items(), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(
        request,
        "recommendations/looks.html",
        {
            "page_obj": page,
            "page_range": page.paginator.get_elided_page_range(page.number, on_each_side=1),
        },
    )


@require_safe
def look(request: HttpRequest, slug: str) -> HttpResponse:
    look = get_object_or_404(Look.objects.visible().with_items(), slug=slug)
    others = Look.objects.visible().exclude(pk=look.pk).with_items()[:ON_HOME]
    return render(request, "recommendations/look.html", {"look": look, "others": others})


@require_safe
@vary_on_headers("HX-Request")
def shelf(request: HttpRequest) -> HttpResponse:
    """A few Looks for the home page; 204 where there is none. The list without htmx."""
    if not getattr(request, "htmx", False):
        return redirect("recommendations:looks")
    found = Look.objects.visible().with_items()[:ON_HOME]
    if not found:
        return HttpResponse(status=204)
    return render(request, "recommendations/_shelf.html", {"looks": found})


@require_safe
@vary_on_headers("HX-Request")
def together(request: HttpRequest, product_pk: int) -> HttpResponse:
    """What a product is worn with; 204 where no Look has it. A page of its own without htmx."""
    product = get_object_or_404(Product.objects.published(), pk=product_pk)
    found = Look.objects.visible().with_product(product.pk).with_items()[:BESIDE_A_PRODUCT]
    context = {"product": product, "looks": found}
    if not getattr(request, "htmx", False):
        return render(request, "recommendations/together.html", context)
    if not found:
        return HttpResponse(status=204)
    return render(request, "recommendations/_together.html", context)
