"""Pictures with labelled objects: what every format of masks is read into and written from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.errors import BadAnnotation


@dataclass(frozen=True, slots=True)
class Labelled:
    """One object. mask: (H, W) bool, the picture's size."""

    label: str
    mask: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class LabelledPicture:
    """name: the picture's file name. size: (height, width)."""

    name: str
    size: tuple[int, int]
    objects: tuple[Labelled, ...] = field(default=())

    def __post_init__(self) -> None:
        for item in self.objects:
            if item.mask.shape != self.size or item.mask.dtype != np.bool_:
                raise BadAnnotation(
                    f"{self.name}: a mask is {item.mask.dtype} {item.mask.shape}, "
                    f"the picture {self.size}"
                )


def read_json(path: Path) -> Any:
    """Raises BadAnnotation where it is no JSON file."""
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise BadAnnotation(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise BadAnnotation(f"{path} is not JSON in UTF-8") from error


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_text(json.dumps(value, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
