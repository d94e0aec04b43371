"""Try-ons and ratings as CSV, streamed: what analysts take home.

No picture, no account, no session. ``docs/analysts.md`` says what each column means.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone

from fittingroom.models import Rating, TryOn

#: Rows that are in memory at a time.
CHUNK = 500
COLUMNS = (
    "tryon_id",
    "created_at",
    "shopper",
    "person_kind",
    "fitting_model",
    "product_ids",
    "products",
    "categories",
    "brands",
    "regions",
    "engine",
    "engine_version",
    "status",
    "reason_code",
    "attempts",
    "queue_ms",
    "stage_ms",
    "realism",
    "liking",
    "reasons",
    "comment",
    "rated_at",
)
_WEAR = "garments__image__product"


class _Echo:
    """A file for csv that hands each line straight on."""

    def write(self, line: str) -> str:
        return line


def csv_response(rows: Iterable[tuple[Any, ...]], *, name: str) -> StreamingHttpResponse:
    """A download that begins at once, however many rows there are."""
    today = timezone.localdate()
    return StreamingHttpResponse(
        _lines(rows),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="otbang-{name}-{today:%Y%m%d}.csv"',
            "Cache-Control": "private, no-store",
        },
    )


def tryon_rows(tryons: QuerySet[TryOn]) -> Iterator[tuple[Any, ...]]:
    found = tryons.select_related("fitting_model", "rating").prefetch_related(
        f"{_WEAR}__category", f"{_WEAR}__brand"
    )
    for tryon in found.iterator(chunk_size=CHUNK):
        yield _row(tryon, getattr(tryon, "rating", None))


def rating_rows(ratings: QuerySet[Rating]) -> Iterator[tuple[Any, ...]]:
    found = ratings.select_related("tryon__fitting_model").prefetch_related(
        f"tryon__{_WEAR}__category", f"tryon__{_WEAR}__brand"
    )
    for rating in found.iterator(chunk_size=CHUNK):
        yield _row(rating.tryon, rating)


def _row(tryon: TryOn, rating: Rating | None) -> tuple[Any, ...]:
    garments = list(tryon.garments.all())
    products = [garment.image.product for garment in garments]
    waited = tryon.started_at - tryon.created_at if tryon.started_at else None
    return (
        str(tryon.pk),
        _time(tryon.created_at),
        "member" if tryon.user_id else "visitor",
        "own" if tryon.fitting_model is None else "preset",
        "" if tryon.fitting_model is None else tryon.fitting_model.slug,
        "|".join(str(product.pk) for product in products),
        "|".join(product.title_en for product in products),
        "|".join(product.category.slug for product in products),
        "|".join(product.brand.slug for product in products),
        "|".join(garment.region for garment in garments),
        tryon.engine,
        tryon.engine_version,
        tryon.status,
        tryon.reason_code,
        tryon.attempt,
        "" if waited is None else round(waited.total_seconds() * 1000),
        json.dumps(tryon.stage_ms) if tryon.stage_ms else "",
        rating.realism if rating else None,
        rating.liking if rating else None,
        "|".join(rating.reasons) if rating else "",
        rating.comment if rating else "",
        _time(rating.updated_at) if rating else "",
    )


def _lines(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    # Excel reads UTF-8 only behind a byte order mark.
    yield "\N{ZERO WIDTH NO-BREAK SPACE}" + writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow([_inert(value) for value in row])


def _inert(value: Any) -> Any:
    """A shopper's comment must not be a formula in the analyst's spreadsheet."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def _time(moment: Any) -> str:
    return str(timezone.localtime(moment).isoformat(timespec="seconds"))
