"""Stored outputs of the official networks, and how far ours are from them.

A file holds some of ``NAME`` (the whole array), ``NAME__poolK`` (means over K x K blocks),
``NAME__crop_Y_X_H_W`` (a window) and ``NAME__strideK`` (every Kth row and column of a grid).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.tryon import filled

DATA = Path(__file__).parent / "data"


class Golden:
    def __init__(self, path: Path) -> None:
        with np.load(path) as stored:
            self.stored: dict[str, Any] = {name: stored[name] for name in stored.files}

    def inputs(self) -> dict[str, NDArray[np.float32]]:
        """The case's inputs by argument."""
        wanted = json.loads(str(self.stored["spec"]))["inputs"]
        return {
            argument: np.concatenate([filled.picture(*part) for part in parts], axis=1)
            for argument, parts in wanted.items()
        }

    def parts(self, name: str, found: NDArray[Any]) -> list[tuple[NDArray[Any], NDArray[Any]]]:
        """(stored, ours) for all that is stored of an output; never empty."""
        pairs = []
        for key, stored in self.stored.items():
            kind = key.removeprefix(name)
            if kind == key or key.endswith("__stats"):
                continue
            if kind == "":
                pairs.append((stored, found))
            elif kind.startswith("__pool"):
                k = int(kind[6:])
                n, c, h, w = found.shape
                blocks = found.astype(np.float64).reshape(n, c, h // k, k, w // k, k)
                pairs.append((stored, blocks.mean(axis=(3, 5))))
            elif kind.startswith("__crop_"):
                y, x, h, w = map(int, kind[7:].split("_"))
                pairs.append((stored, found[:, :, y : y + h, x : x + w]))
            elif kind.startswith("__stride"):
                k = int(kind[8:])
                pairs.append((stored, found[:, ::k, ::k, :]))
        assert pairs, f"nothing is stored of {name}"
        return pairs

    def off(self, name: str, found: NDArray[Any]) -> float:
        """Largest difference over all parts, in the largest part's standard deviations."""
        pairs = self.parts(name, found)
        spread = float(max(pairs, key=lambda pair: pair[0].size)[0].std())
        return max(float(np.abs(stored - ours).max()) for stored, ours in pairs) / spread


def keys(path: Path) -> list[tuple[str, tuple[int, ...], str]]:
    """Official (name, shape, dtype), in order."""
    return [(name, tuple(shape), dtype) for name, shape, dtype in json.loads(path.read_text())]
