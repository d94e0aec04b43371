"""What the commands share: bad input as one line and exit code 2, results as files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ml.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ml.images import ImageFormat

OK = 0
BAD_INPUT = 2
#: What the commands take for somebody's wrong input; anything else is our mistake and shows.
BAD = (InputError, OSError)
FORMATS: dict[str, ImageFormat] = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
}


class WrongOption(InputError):
    """An option or a table's cell makes no sense."""

    code = "wrong_option"


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def complain(lines: Sequence[str]) -> None:
    """One line per bad input, on stderr."""
    for line in lines:
        sys.stderr.write(" ".join(line.split()) + "\n")


def reason(error: Exception) -> str:
    """What is wrong, without a traceback's noise."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error)


def format_of(out: Path) -> ImageFormat:
    """The picture format that a file name asks for. Raises WrongOption."""
    try:
        return FORMATS[out.suffix.lower()]
    except KeyError:
        raise WrongOption(f"cannot write {out.name}: use {', '.join(FORMATS)}") from None


def write_picture(out: Path, pixels: NDArray[np.uint8]) -> None:
    """Encode by the name's suffix and swap in, so that nobody sees half a file."""
    from ml.images import encode

    data = encode(pixels, format_of(out))
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    part.write_bytes(data)
    os.replace(part, out)
