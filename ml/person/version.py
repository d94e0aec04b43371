"""Which annotator this is and what it looks at, told without loading it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

WEIGHTS = Path(__file__).resolve().parent.parent / "models" / "person_annotator.safetensors"
#: Height and width of the picture that the network sees (:data:`ml.person.network.CANVAS`).
CANVAS = (288, 224)
#: Raised when the steps around the network change what comes out.
STEPS = 1


@cache
def version(weights: Path = WEIGHTS) -> str:
    """``person-STEPS-HASH``: other weights are another annotator."""
    try:
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()[:8]
    except FileNotFoundError:
        digest = "untrained"
    return f"person-{STEPS}-{digest}"
