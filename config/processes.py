"""What every program of ours that starts others needs."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable

PR_SET_PDEATHSIG = 1


def dies_with_parent(number: signal.Signals) -> Callable[[], None]:
    """A ``preexec_fn``: Linux sends the child that signal when its parent dies, however it does."""

    def in_child() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))

    return in_child
