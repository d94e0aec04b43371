"""``annotate(photo) -> PersonAnnotation``: everything an engine needs to know of a person."""

from __future__ import annotations

from ml.images import RGB
from ml.person.annotation import PersonAnnotation
from ml.person.look import look_at
from ml.person.version import version

VERSION = version()


def annotate(photo: RGB) -> PersonAnnotation:
    """Labels in pixels of the photo given, (H, W, 3) sRGB. Raises NoPerson."""
    return look_at(photo).annotation
