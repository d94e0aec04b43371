"""The fitting models: who they are, and their photos and labels as Blender renders them.

Blender has an environment of its own (``make studio``); each figure is a job folder that
``ml.studio.blender.run`` works through there.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.person.annotation import PersonAnnotation
from ml.studio import store
from ml.studio.blender.spec import SIZES

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / ".venv-studio" / "bin" / "python"
SIZE = (1200, 900)
SAMPLES = 8


@dataclass(frozen=True)
class Look:
    """One fitting model. Colours are sRGB hex; garments and hair are (style, colour).

    pose: "relaxed", "hand on hip" or "one hand in front"; framing: "full" or "three-quarter".
    seed: varies small angles and folds; odd seeds stand on the left leg.
    """

    slug: str
    sex: str
    height: float
    size: str
    pose: str
    framing: str
    skin: str
    hair: tuple[str, str]
    top: tuple[str, str]
    bottom: tuple[str, str]
    shoes: str
    seed: int
    paper: str = "#e9e7e3"

    def job(self) -> dict[str, Any]:
        """What the renderer reads."""
        bust, waist, hip = SIZES[self.sex][self.size]
        spec = {"sex": self.sex, "height": self.height, "bust": bust, "waist": waist, "hip": hip}
        return asdict(self) | {"spec": spec}


LOOKS = (
    Look("yuna", "woman", 171, "S", "relaxed", "full", "#dcae90", ("bun", "#2a1d18"),
         ("tank", "#ece7de"), ("leggings", "#363a44"), "#dcd6cc", 11),
    Look("minjae", "man", 183, "M", "relaxed", "full", "#cf9f7e", ("swept", "#1d1716"),
         ("tee", "#dfe1e2"), ("slim", "#475063"), "#e3dfd8", 23),
    Look("sora", "woman", 165, "M", "relaxed", "full", "#b98561", ("bob", "#211815"),
         ("tee", "#d9cbb9"), ("shorts", "#39404d"), "#d8d1c6", 37, "#e6e4e1"),
    Look("dohyun", "man", 177, "L", "relaxed", "full", "#7a5238", ("crop", "#171210"),
         ("tee", "#c9d2cd"), ("shorts", "#3d4440"), "#4a4d50", 51),
    Look("haeun", "woman", 158, "M", "hand on hip", "full", "#e3bb9f", ("lob", "#4a2f22"),
         ("tee", "#a9b6a5"), ("slim", "#40434b"), "#ece7df", 63, "#e8e4df"),
    Look("amara", "woman", 176, "L", "hand on hip", "three-quarter", "#4c3021", ("afro", "#120d0c"),
         ("tank", "#e9e4da"), ("leggings", "#2f3138"), "#dcd6cc", 72, "#e7e4e0"),
    Look("noor", "woman", 163, "XL", "one hand in front", "full", "#b27f5c", ("long", "#33211a"),
         ("tee", "#8b98a3"), ("leggings", "#2e323b"), "#cfc9bf", 85),
    Look("grace", "woman", 170, "XXL", "hand on hip", "full", "#6a4530", ("ponytail", "#171110"),
         ("tee", "#b98d84"), ("leggings", "#33323a"), "#e5e0d8", 96, "#e8e5e1"),
    Look("taeo", "man", 169, "S", "hand on hip", "three-quarter", "#dcb093", ("swept", "#2b211d"),
         ("tee", "#5f6f7c"), ("slim", "#3c3f45"), "#dedad3", 107, "#e6e4e1"),
    Look("kofi", "man", 188, "XL", "one hand in front", "full", "#624330", ("buzz", "#100c0b"),
         ("tee", "#e4dccd"), ("shorts", "#4b5340"), "#d9d5ce", 118),
    Look("mateo", "man", 174, "XXL", "relaxed", "full", "#c08d69", ("curls", "#33231a"),
         ("tee", "#6c7a6b"), ("slim", "#3a4150"), "#54555a", 129, "#e8e5e1"),
    Look("ilya", "man", 180, "M", "one hand in front", "three-quarter", "#ecc9b2",
         ("crop", "#7a5a3c"), ("tank", "#d5d9dc"), ("slim", "#454a55"), "#e3dfd8", 140),
)  # fmt: skip


class NoBlender(RuntimeError):
    """The renderer's environment is not there."""


@dataclass(frozen=True)
class DrawnPerson:
    """A fitting model's picture with its exact labels.

    alpha: (H, W) 0..255. iuv: (H, W, 3) surface part 0..24, u and v as bytes. depth: (H, W) metres
    from the camera's plane, 0 = background. hidden: joints behind something else.
    girths: bust, waist and hip in cm, taped around the body.
    """

    photo: NDArray[np.uint8]
    annotation: PersonAnnotation
    alpha: NDArray[np.uint8]
    iuv: NDArray[np.uint8]
    depth: NDArray[np.float32]
    hidden: tuple[int, ...]
    girths: tuple[float, float, float]


def draw(look: Look, size: tuple[int, int] = SIZE, samples: int = SAMPLES) -> DrawnPerson:
    """Render one figure, (height, width). Raises :class:`NoBlender` without ``.venv-studio``."""
    if not PYTHON.exists():
        raise NoBlender("make studio installs the renderer")
    with tempfile.TemporaryDirectory(prefix="figure-") as name:
        folder = Path(name)
        job = {"look": look.job(), "size": size, "samples": samples}
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        command = [str(PYTHON), "-m", "ml.studio.blender.run", str(folder)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{look.slug}: {done.stderr.strip()[-2000:]}")
        return read(folder)


def read(folder: Path) -> DrawnPerson:
    """What the renderer left in a job folder."""
    with Image.open(folder / "photo.png") as image:
        photo = np.array(image.convert("RGB"))
    facts = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
    with np.load(folder / "labels.npz") as labels:
        points = np.array(facts["openpose18"], np.float32)
        return DrawnPerson(
            photo=photo,
            annotation=PersonAnnotation(labels["parse"], points, "rendered"),
            alpha=labels["alpha"],
            iuv=labels["iuv"],
            depth=labels["depth"],
            hidden=tuple(facts["hidden"]),
            girths=tuple(facts["girths"]),
        )


def save(folder: Path, look: Look, drawn: DrawnPerson) -> None:
    """Write photos/, parse_atr/, keypoints.jsonl, alpha/, and at half size iuv/ and depth/."""
    slug = look.slug
    store.save_picture(folder / "photos" / f"{slug}.webp", drawn.photo, quality=96)
    store.save_annotation(folder, slug, drawn.annotation)
    for name in ("alpha", "iuv", "depth"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    small = drawn.depth[::2, ::2]
    millimetres = np.round(small * 1000).astype(np.uint16)
    _png(folder / "alpha" / f"{slug}.png", drawn.alpha)
    _png(folder / "depth" / f"{slug}.png", millimetres)
    _png(folder / "iuv" / f"{slug}.png", drawn.iuv[::2, ::2, ::-1])
    facts = {"sex": look.sex, "height_cm": look.height, "size_worn": look.size, "pose": look.pose,
             "framing": look.framing, "top": look.top[0], "bottom": look.bottom[0],
             "girths_cm": [round(v, 1) for v in drawn.girths],
             "hidden_joints": list(drawn.hidden)}  # fmt: skip
    path = folder / "figures.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    store.save_json(path, dict(sorted((known | {slug: facts}).items())))


def _png(path: Path, values: NDArray[Any]) -> None:
    cv2.imwrite(str(path), values, [cv2.IMWRITE_PNG_COMPRESSION, 9])
