"""What can be wrong with what we are given: one type, one code each.

The codes are stable: callers (command line, web) turn them into sentences.
"""

from __future__ import annotations

from typing import ClassVar


class InputError(ValueError):
    """Something is wrong with an input, not with us. ``code`` names it for machines."""

    code: ClassVar[str] = "bad_input"


class ImageError(InputError):
    """A picture could not be decoded safely."""

    code: ClassVar[str] = "bad_image"


class NotAnImage(ImageError):
    code: ClassVar[str] = "not_an_image"


class UnsupportedFormat(ImageError):
    code: ClassVar[str] = "unsupported_format"


class TooManyBytes(ImageError):
    code: ClassVar[str] = "too_many_bytes"


class TooManyPixels(ImageError):
    code: ClassVar[str] = "too_many_pixels"


class TooSmall(ImageError):
    code: ClassVar[str] = "too_small"


class TruncatedImage(ImageError):
    code: ClassVar[str] = "truncated_image"


class NoGarment(InputError):
    """No garment could be told from its background."""

    code: ClassVar[str] = "no_garment"


class NoPerson(InputError):
    """The photo or its annotation shows nobody who could be dressed."""

    code: ClassVar[str] = "no_person"


class ManyPeople(InputError):
    """Somebody else is as large in the photo as the person."""

    code: ClassVar[str] = "many_people"


class BackView(InputError):
    """The person is seen from behind or in pure profile."""

    code: ClassVar[str] = "back_view"


class CutOff(InputError):
    """A body part that the garment needs is outside the photo."""

    code: ClassVar[str] = "cut_off"


class ArmsCover(InputError):
    """Arms or a bag hide too much of what would be dressed."""

    code: ClassVar[str] = "arms_cover"


class TooDark(InputError):
    """The person is hardly lit."""

    code: ClassVar[str] = "too_dark"


class Blurry(InputError):
    """The person is not sharp."""

    code: ClassVar[str] = "blurry"


class PersonTooSmall(InputError):
    """The person has too few pixels."""

    code: ClassVar[str] = "too_small"


class NotClothed(InputError):
    """Bare skin where clothes are expected."""

    code: ClassVar[str] = "not_clothed"


class BadAnnotation(InputError):
    """An annotation does not fit its photo or its own format."""

    code: ClassVar[str] = "bad_annotation"


class NotSupported(InputError):
    """No engine can dress this region with what is known of the person."""

    code: ClassVar[str] = "not_supported"
