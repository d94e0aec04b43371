"""What analysts take home."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from fittingroom.admin.export import COLUMNS
from tests.factories import RatingFactory, TryOnFactory, UserFactory

pytestmark = pytest.mark.django_db

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "analysts.md"


@pytest.fixture
def analyst(client: Client) -> Client:
    client.force_login(UserFactory(is_staff=True, groups=["Analysts"]))
    return client


def exported(client: Client, name: str, query: str = "") -> tuple[bytes, list[dict[str, str]]]:
    response: Any = client.get(f"/en/admin/fittingroom/{name}/export.csv{query}")
    assert response.status_code == 200
    assert response.streaming
    assert "attachment" in response["Content-Disposition"]
    data = b"".join(response)
    return data, list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_a_rating_with_all_that_belongs_to_it(analyst: Client) -> None:
    rating = RatingFactory(
        realism=2,
        liking=5,
        reasons=["edges", "colour"],
        comment="소매가 이상해요",
        tryon__user__email="secret@example.com",
    )

    data, (row,) = exported(analyst, "rating")

    product = rating.tryon.garments.get().image.product
    assert data.startswith(b"\xef\xbb\xbf")  # Excel
    assert tuple(row) == COLUMNS
    assert row["tryon_id"] == str(rating.tryon_id)
    assert (row["realism"], row["liking"]) == ("2", "5")
    assert (row["reasons"], row["comment"]) == ("edges|colour", "소매가 이상해요")
    assert (row["product_ids"], row["products"]) == (str(product.pk), product.title_en)
    assert (row["regions"], row["shopper"], row["status"]) == ("upper", "member", "done")
    assert json.loads(row["stage_ms"]) == rating.tryon.stage_ms
    assert b"secret" not in data
    assert rating.tryon.result.name.encode() not in data


def test_a_visitor_stays_unknown(analyst: Client) -> None:
    tryon = TryOnFactory(user=None)

    data, (row,) = exported(analyst, "tryon")

    assert row["shopper"] == "visitor"
    assert (row["realism"], row["rated_at"], row["queue_ms"]) == ("", "", "")
    assert str(tryon.visitor).encode() not in data
    assert tryon.visitor.hex.encode() not in data


def test_only_what_the_filter_shows(analyst: Client) -> None:
    failed = TryOnFactory(failed=True)
    TryOnFactory(done=True)

    _, rows = exported(analyst, "tryon", "?status__exact=failed")

    assert [row["tryon_id"] for row in rows] == [str(failed.pk)]
    assert rows[0]["reason_code"] == "no_garment"


@pytest.mark.parametrize("comment", ["=1+1", "+1", "-1", "@SUM(A1)"])
def test_a_comment_is_never_a_formula(analyst: Client, comment: str) -> None:
    RatingFactory(comment=comment)

    _, (row,) = exported(analyst, "rating")

    assert row["comment"] == f"'{comment}"


def test_every_column_is_explained() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")

    assert [column for column in COLUMNS if f"`{column}`" not in text] == []
