"""What a worker made ready of shoppers' own photos: in memory only, few, and for minutes.

A file per worker would have to be found and erased wherever workers run; memory forgets by
itself. A shopper who tries one thing after the other still pays for the photo only once, and an
erased photo is out of every process after :setting:`PHOTO_MEMORY_SECONDS` at most.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from django.conf import settings

from ml.tryon.engine import PreparedPerson

#: Per process; each takes 10 to 30 MB.
LIMIT = 4

_people: OrderedDict[str, tuple[float, PreparedPerson]] = OrderedDict()
_guard = threading.Lock()


def kept(key: str, make: Callable[[], PreparedPerson]) -> PreparedPerson:
    """The person of this key, made now if they are not here."""
    with _guard:
        found = _people.get(key)
    if found is not None and monotonic() < found[0]:
        return found[1]
    person = make()
    seconds = settings.PHOTO_MEMORY_SECONDS
    with _guard:
        _people[key] = (monotonic() + seconds, person)
        while len(_people) > LIMIT:
            _people.popitem(last=False)
    # Forgotten also where nobody ever asks again.
    timer = threading.Timer(seconds, forget_old)
    timer.daemon = True
    timer.start()
    return person


def forget_old() -> None:
    now = monotonic()
    with _guard:
        for key in [key for key, (until, _person) in _people.items() if until <= now]:
            del _people[key]


def size() -> int:
    """How many people this process remembers."""
    return len(_people)


def forget_all() -> None:
    with _guard:
        _people.clear()
