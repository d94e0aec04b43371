"""The mask as an outline, to lay over its picture."""

from __future__ import annotations

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from fittingroom.models import GarmentLabels


def overlay_url(labels: GarmentLabels) -> str:
    """Another address after each change."""
    url = reverse("admin:fittingroom_garmentlabels_outline", args=[labels.pk])
    return f"{url}?{labels.updated_at.timestamp():.3f}"


def outline_path(labels: GarmentLabels) -> str:
    """SVG path data of the mask."""
    return "".join(
        "M" + "L".join(f"{x} {y}" for x, y in polygon) + "Z" for polygon in labels.outline
    )


def outline_svg(labels: GarmentLabels) -> SafeString:
    """The mask as a picture of the photo's size."""
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}"'
        ' preserveAspectRatio="none"><path d="{2}" fill="#e6007e" fill-rule="evenodd"'
        ' fill-opacity=".55" stroke="#e6007e" stroke-width="{3}"/></svg>',
        labels.width or 1,
        labels.height or 1,
        outline_path(labels),
        max(1, round(max(labels.width, labels.height) / 400)),
    )
