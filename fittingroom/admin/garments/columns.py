"""What is shown of each picture, in the list and on its page."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from fittingroom.admin.garments import states
from fittingroom.admin.garments.form import side_of
from fittingroom.admin.garments.outlines import outline_path
from fittingroom.garments import wording
from fittingroom.models import GarmentLabels
from shop.catalogue.models import Product

Status = GarmentLabels.Status
#: What is asked of merchants; below it a try-on is blurred.
SHARP = 1024


class Columns:
    """Mixed into the admin, which names them in ``list_display`` and ``readonly_fields``."""

    @admin.display(description=_("picture"))
    def drawn(self, labels: GarmentLabels) -> SafeString:
        """Mask and landmarks over a small copy of the picture."""
        image = labels.image
        size = (labels.width or image.width or 3, labels.height or image.height or 4)
        dots = format_html_join(
            "",
            '<circle cx="{}" cy="{}" r="{}" class="labelled__dot labelled__dot--{}"/>',
            (
                (x, y, f"{max(size) / 70:.1f}", side_of(name) or "middle")
                for name, (x, y, visibility) in labels.landmarks.items()
                if visibility
            ),
        )
        return format_html(
            '<svg class="labelled" viewBox="0 0 {0} {1}" width="96" height="128" role="img"'
            ' aria-label="{2}"><image href="{3}" width="{0}" height="{1}"'
            ' preserveAspectRatio="none"/><path class="labelled__mask" d="{4}"/>{5}</svg>',
            *size,
            image.alt,
            image.url_at(360),
            outline_path(labels),
            dots,
        )

    @admin.display(description=_("product"), ordering="image__product")
    def product(self, labels: GarmentLabels) -> SafeString:
        product = labels.image.product
        return format_html(
            '<a href="{}">{}</a> <span class="quiet">{}{}</span>',
            reverse("admin:catalogue_product_change", args=[product.pk]),
            product,
            product.category,
            "" if product.status == Product.Status.PUBLISHED else f" · {_('draft')}",
        )

    @admin.display(description=_("try-on"), ordering="badness")
    def state(self, labels: GarmentLabels) -> SafeString:
        why = labels.get_failure_display() if labels.failure else ""
        return format_html(
            '<span class="state state--{}">{}</span> <span class="quiet">{}</span>',
            states.tone(labels),
            labels.get_status_display(),
            why,
        )

    @admin.display(description=_("what to do"))
    def advice(self, labels: GarmentLabels) -> SafeString | str:
        said = [each for each in [states.advice(labels)] if each]
        if labels.contradicts:
            said.append(states.contradiction(labels))
        if 0 < max(labels.image.width, labels.image.height) < SHARP:
            said.append(_("The picture is small: with 1024 pixels or more a try-on is sharper."))
        return format_html_join("", "<p>{}</p>", ((each,) for each in said)) or "–"

    @admin.display(description=_("looks like"), ordering="category")
    def look(self, labels: GarmentLabels) -> SafeString | str:
        if not labels.category:
            return "–"
        kind = wording.CATEGORIES.get(labels.category, labels.category)
        share = labels.probabilities.get(labels.category, 0)
        text = format_html("{} <span class='quiet'>{} %</span>", kind, round(100 * share))
        if not labels.contradicts:
            return text
        return format_html(
            '{}<br><span class="state state--todo" title="{}">{}</span>',
            text,
            states.contradiction(labels),
            _("check the category"),
        )

    @admin.display(description=_("colours and pattern"), ordering="pattern")
    def palette(self, labels: GarmentLabels) -> SafeString | str:
        if not labels.colours:
            return "–"
        swatches = format_html_join(
            "",
            '<svg class="swatch" width="18" height="18" role="img" aria-label="{0}">'
            '<title>{0} {1} %</title><rect width="18" height="18" fill="{2}"/></svg>',
            (
                (wording.colour(each["name"]), round(100 * each["share"]), each.get("hex", "#888"))
                for each in labels.colours
            ),
        )
        return format_html(
            '{} <span class="quiet">{}</span>',
            swatches,
            wording.pattern(labels.pattern),
        )

    @admin.display(description=_("confidence"), ordering="confidence")
    def sureness(self, labels: GarmentLabels) -> SafeString | str:
        """Of everything, and of the mask alone."""
        if labels.confidence is None or labels.status == Status.GIVEN:
            return "–"
        return format_html(
            '{} % <span class="quiet">{} {} %</span>',
            round(100 * labels.confidence),
            _("mask"),
            round(100 * (labels.mask_confidence or 0)),
        )

    @admin.display(description=_("checked by"), ordering="corrected_at")
    def checked(self, labels: GarmentLabels) -> SafeString | str:
        if labels.corrected_at is None:
            return "–"
        return format_html(
            '{} <span class="quiet">{}</span>',
            labels.corrected_by or "–",
            labels.corrected_at.strftime("%Y-%m-%d"),
        )
