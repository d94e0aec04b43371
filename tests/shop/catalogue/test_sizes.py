"""Size charts: the table a page shows, what is refused, and the admin's form."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.test import Client

from shop.catalogue.models import Product, SizeRow
from shop.catalogue.sizes import MEASURES, Chart, Measure, chart_of, validate_measures
from shop.catalogue.templatetags.catalogue import dollars, inches
from tests.factories import (
    CategoryFactory,
    ProductFactory,
    SizeRowFactory,
    UserFactory,
    VariantFactory,
)

LIST = "/en/admin/catalogue/product/"


def row(size: str, **measures: float) -> SizeRow:
    return SizeRow(size=size, measures=measures)


def test_columns_keep_their_letters_and_empty_ones_go() -> None:
    chart = chart_of("top", [row("S", length=68, chest=50), row("M", length=70)])
    assert chart is not None
    assert [(c.letter, c.measure) for c in chart.columns] == [
        ("A", Measure.LENGTH),
        ("C", Measure.CHEST),
    ]
    assert chart.rows == (("S", (68, 50)), ("M", (70, None)))
    assert chart.has_flat


def test_no_chart_without_a_kind_or_a_number() -> None:
    assert chart_of("", [row("S", length=68)]) is None
    assert chart_of("top", []) is None
    assert chart_of("top", [row("S")]) is None
    assert chart_of("bag", [row("ONE", chest=50)]) is None  # moved from another category


@pytest.mark.parametrize("kind", Chart)
def test_every_chart_has_a_drawing_with_all_its_letters(kind: Chart) -> None:
    for measures in (MEASURES[kind], MEASURES[kind][:1]):  # those of the table, and no others
        chart = chart_of(kind, [row("M", **{measure.value: 50 for measure in measures})])
        assert chart is not None
        drawing = render_to_string(chart.drawing, {"chart": chart})
        drawn = {letter for letter in "ABCDEFGHIJ" if f">{letter}</text>" in drawing}
        assert drawn == set("ABCDEFGHIJ"[: len(measures)])
        assert "style=" not in drawing


@pytest.mark.parametrize(
    "measures",
    [{"chest": 0}, {"chest": 301}, {"chest": "52"}, {"chest": True}, {"wings": 40}, [52]],
)
def test_what_cannot_be_a_measure_is_refused(measures: Any) -> None:
    with pytest.raises(ValidationError):
        validate_measures(measures)


def test_inches_are_quarters_as_on_a_tape() -> None:
    assert [inches(cm) for cm in (2.54, 52, 70.5, 0.5)] == ["1", "20½", "27¾", "¼"]
    assert dollars(123456) == "$1,234.56"


def test_drawings_are_all_used() -> None:
    folder = Path(settings.BASE_DIR) / "templates" / "catalogue" / "size_guide"
    assert {path.stem for path in folder.iterdir()} == set(Chart.values)


@pytest.fixture
def trousers(db: None) -> Product:
    product = ProductFactory(category=CategoryFactory(chart="trousers"), complete=True)
    product.variants.update(size="M")
    VariantFactory(product=product, size="L")
    return product


def test_the_page_shows_the_chart_in_centimetres_and_inches(
    client: Client, trousers: Product
) -> None:
    path = f"/{{}}/p/{trousers.pk}/{trousers.slug}/"
    assert "size-guide" not in client.get(path.format("ko")).content.decode()
    SizeRowFactory(product=trousers, size="M", measures={"waist": 38.5, "inseam": 75})
    SizeRowFactory(product=trousers, size="L", measures={"waist": 41})
    page = client.get(path.format("ko")).content.decode()
    assert "허리단면" in page
    assert "안쪽 기장" in page
    assert "허벅지단면" not in page
    assert (
        '<th scope="row">M</th><td><span class="cm">38.5</span><span class="inch">15¼</span>'
        in page
    )
    assert "<td>–</td>" in page  # L's inseam was not measured
    assert "waist, flat" in client.get(path.format("en")).content.decode()


def test_material_and_care_stand_below_the_description(client: Client, trousers: Product) -> None:
    Product.objects.update(material_en="100% linen", care_en="Wash gently")
    page = client.get(f"/en/p/{trousers.pk}/{trousers.slug}/").content.decode()
    assert "<dd>100% linen</dd>" in page
    assert "<dd>Wash gently</dd>" in page


# --- the admin --------------------------------------------------------------------------------


@pytest.fixture
def merchant(db: None, client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, groups=["Merchants"]))
    return client


def form_of(merchant: Client, product: Product, **changed: Any) -> dict[str, Any]:
    """What a browser would send of the product's page."""
    page = merchant.get(f"{LIST}{product.pk}/change/").context
    data = {name: value or "" for name, value in page["adminform"].form.initial.items()}
    for inline in page["inline_admin_formsets"]:
        formset = inline.formset
        for form in [formset.management_form, *formset.forms]:
            for field in form:
                if (value := field.value()) is not None and field.name != "file":
                    data[field.html_name] = value
    return data | changed


def test_a_merchant_types_numbers_only(merchant: Client, trousers: Product) -> None:
    data = form_of(merchant, trousers)
    # Both sizes on the shelf are offered, with a column per measure of trousers.
    assert [data[f"size_rows-{n}-size"] for n in range(2)] == ["M", "L"]
    data |= {"size_rows-0-waist": "38.5", "size_rows-0-inseam": "75"}
    response = merchant.post(f"{LIST}{trousers.pk}/change/", data)
    assert response.status_code == 302
    # What was left empty is not kept.
    assert SizeRow.objects.get().measures == {"waist": 38.5, "inseam": 75.0}
    data = form_of(merchant, trousers, **{"size_rows-0-inseam": ""})
    assert (float(data["size_rows-0-waist"]), data["size_rows-1-size"]) == (38.5, "L")
    merchant.post(f"{LIST}{trousers.pk}/change/", data)
    assert SizeRow.objects.get().measures == {"waist": 38.5}


@pytest.mark.parametrize("number", ["-3", "999", "wide"])
def test_a_wrong_number_is_refused_beside_its_field(
    merchant: Client, trousers: Product, number: str
) -> None:
    data = form_of(merchant, trousers, **{"size_rows-0-waist": number})
    response = merchant.post(f"{LIST}{trousers.pk}/change/", data)
    assert response.status_code == 200
    errors = [each.formset.errors for each in response.context["inline_admin_formsets"]]
    assert any("waist" in row for formset in errors for row in formset)
    assert not SizeRow.objects.exists()


def test_a_category_without_a_chart_asks_for_no_measures(merchant: Client) -> None:
    product = ProductFactory(complete=True)
    data = form_of(merchant, product)
    assert not any(name.startswith("size_rows") for name in data)
    # Moving it to a category that has one does not ask for a form that was never shown.
    data["category"] = CategoryFactory(chart="top").pk
    assert merchant.post(f"{LIST}{product.pk}/change/", data).status_code == 302
    assert "size_rows-0-size" in form_of(merchant, product)
