"""Who stands in the fitting room: a signed-in user, or a visitor known by a token.

The token lives in the visitor's session and is made when it is first needed, so that people who
only look around leave nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

from django.http import HttpRequest

#: Where the token lies in the session.
SESSION_KEY = "fittingroom.visitor"


@dataclass(frozen=True, slots=True)
class Shopper:
    """Exactly one of the two is set, as in the ``TryOn`` row."""

    user_id: int | None = None
    visitor: UUID | None = None

    def __post_init__(self) -> None:
        if (self.user_id is None) == (self.visitor is None):
            raise ValueError("a shopper is either a user or a visitor")

    @property
    def key(self) -> str:
        """One string per shopper, for locks and throttles."""
        return f"user:{self.user_id}" if self.visitor is None else f"visitor:{self.visitor}"


def shopper_of(request: HttpRequest, create: bool = False) -> Shopper | None:
    """The shopper of this request; None for a visitor who has no token yet.

    ``create=True`` gives such a visitor a token. The first request after signing in hands the
    visitor's try-ons and photos to the user: Django keeps the session's content through a login,
    so the token is still there.
    """
    visitor = _visitor(request)
    if request.user.is_authenticated:
        shopper = Shopper(user_id=request.user.pk)
        if visitor is not None:
            from fittingroom.services import claim_tryons

            claim_tryons(visitor=visitor, shopper=shopper)
            del request.session[SESSION_KEY]
        return shopper
    if visitor is None:
        if not create:
            return None
        visitor = uuid4()
        request.session[SESSION_KEY] = str(visitor)
    return Shopper(visitor=visitor)


def _visitor(request: HttpRequest) -> UUID | None:
    token = request.session.get(SESSION_KEY)
    return UUID(token) if token else None
