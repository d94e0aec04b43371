"""The pattern classifier's model card."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ml.garment.pattern import NAMES


def write_card(weights: Path, figures: Mapping[str, Any], recipe: Any, *, photos: int) -> None:
    """``garment_pattern.md`` beside the weights."""
    rows = "\n".join(
        f"| {name} | {figures['per_pattern'][name]} | "
        + " | ".join(str(n) for n in figures["confusion"][i])
        + " |"
        for i, name in enumerate(NAMES)
    )
    digest = hashlib.sha256(weights.read_bytes()).hexdigest()
    rendered = sum(recipe.rendered.values())
    weights.with_suffix(".md").write_text(
        f"""# {weights.name}

**What**: tells the pattern of a garment from its photo and mask: {", ".join(NAMES)}.
`floral` stands for everything printed all over (flowers, small motifs, camouflage, animal prints),
`graphic` for a picture or lettering in one place. {recipe.members} perceptrons, one hidden layer of
{recipe.hidden}, averaged, on the features of `ml/garment/pattern_features.py`; numpy only, fp16,
{weights.stat().st_size / 1024:.0f} KiB. Used by `ml/garment/pattern.py`.

**Data**: photos of *Clothing dataset (small)*, Alexey Grigorev and contributors,
<https://github.com/alexeygrigorev/clothing-dataset-small>, CC0 1.0. {photos} training photos were
labelled by eye (`ml/training/data/garment_patterns.json`; what nobody could name was left out),
each also varied {recipe.real_variants} times; {rendered} patterns were rendered on those that are
plain (`ml/training/pattern/render.py`). The test half of our labelled garment set is in neither.

**Recipe**: `python -m ml.training pattern` (seed {recipe.seed}, {recipe.epochs} epochs). Labels of
validation photos were made before any prediction was seen and are only used for the figures.

**Figures**: {figures["accuracy"]:.3f} of {figures["photos"]} validation photos (masks by
`ml.garment.mask`, so mistakes of the mask count). Rows: truth; columns: share right, then the
number told as {", ".join(NAMES)}.

| | right | {" | ".join(NAMES)} |
|---|---|{"---|" * len(NAMES)}
{rows}

**Known failures**: fine knits are told as plain and dark jeans as plain trousers, where the photo
shows no texture; small logos may be called plain or graphic; colour blocks have no own name;
few dotted garments were among the photos. Labels are one pair of eyes'.

**Speed**: about 0.1 s per photo on one core. **SHA-256**: `{digest}`.
**Licence**: Apache-2.0.
""",
        encoding="utf-8",
    )
