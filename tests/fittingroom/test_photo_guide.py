"""The guide to good photos: every refusal names a rule, every drawing is there, time is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.staticfiles import finders
from django.utils import timezone, translation

from fittingroom.templatetags import photo_guide
from ml import errors


def person_codes() -> set[str]:
    """What the check of a photo may refuse it for."""
    kinds = (
        errors.NoPerson,
        errors.ManyPeople,
        errors.BackView,
        errors.CutOff,
        errors.ArmsCover,
        errors.TooDark,
        errors.Blurry,
        errors.PersonTooSmall,
        errors.NotClothed,
    )
    return {kind.code for kind in kinds}


def test_every_refusal_breaks_exactly_one_rule() -> None:
    for code in person_codes():
        failed = [rule for rule in photo_guide.photo_rules(code) if rule["failed"]]
        assert len(failed) == 1, code
    assert not any(rule["failed"] for rule in photo_guide.photo_rules())


def test_every_drawing_is_there() -> None:
    drawn = [photo_guide.refusal_example(code) for code in person_codes()]
    for example in (*photo_guide.GOOD, *photo_guide.BAD, *drawn):
        assert example is None or finders.find(example.file)


@pytest.mark.parametrize(
    ("left", "language", "words"),
    [
        (timedelta(days=30), "en", "29 days"),
        (timedelta(hours=48, seconds=9), "ko", "2일"),
        (timedelta(hours=24), "en", "23 hours"),
        (timedelta(hours=1, seconds=9), "en", "1 hour"),
        (timedelta(minutes=12, seconds=9), "ko", "12분"),
        (timedelta(seconds=-5), "en", "1 minute"),
    ],
)
def test_the_time_that_is_left(left: timedelta, language: str, words: str) -> None:
    with translation.override(language):
        assert photo_guide.time_left(timezone.now() + left) == words
