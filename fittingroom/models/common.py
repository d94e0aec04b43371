"""What several models share: private storage and the codes of what can go wrong."""

from __future__ import annotations

from django.core.files.storage import Storage, storages
from django.db import models
from django.utils.translation import gettext_lazy as _


def private_storage() -> Storage:
    """Where results live: never under a public URL."""
    return storages["private"]


class ReasonCode(models.TextChoices):
    """Why a try-on failed, as a code; ``fittingroom.reasons`` turns it into a sentence."""

    NO_PERSON = "no_person", _("no person")
    BACK_VIEW = "back_view", _("seen from behind or from the side")
    MANY_PEOPLE = "many_people", _("several people")
    CUT_OFF = "cut_off", _("body part outside the frame")
    ARMS_COVER = "arms_cover", _("arms cover the clothes")
    TOO_DARK = "too_dark", _("too dark")
    BLURRY = "blurry", _("blurred")
    TOO_SMALL = "too_small", _("too small")
    NOT_CLOTHED = "not_clothed", _("too little clothing")
    PHOTO_GONE = "photo_gone", _("own photo no longer there")
    NO_GARMENT = "no_garment", _("garment not found in its picture")
    BAD_IMAGE = "bad_image", _("unreadable picture")
    NOT_SUPPORTED = "not_supported", _("no engine for this garment")
    TOO_MANY = "too_many", _("too many at once")
    FAILED = "failed", _("technical failure")
