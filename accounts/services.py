"""What happens to accounts."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from accounts.models import User


def delete_user(*, user: User) -> None:
    """The account and everything that is theirs, files included."""
    with transaction.atomic():
        for path in settings.ACCOUNT_ERASERS:
            import_string(path)(user.pk)
        user.delete()
