"""The published engines' checkpoint files: known ones, how they are checked, where they go.

An operator's files are PyTorch pickles, and a pickle can be a program. So they are read once, when
they are installed, by a reader that builds tensors and nothing else; what is kept is safetensors.
Workers never unpickle. A file passes, in this order: size, sha256, the names that its pickle asks
for, reading, names and shapes of the tensors, finite values.

    <OTBANG_HOME>/weights/<engine>/<network>.safetensors
    <OTBANG_HOME>/weights/<engine>/licence.json           the operator's acknowledgement

torch is imported where a file is read: web processes look here whether an engine can run.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ml.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

    State = Mapping[str, Tensor]

#: Called with the bytes hashed since the last call.
OnBytes = Callable[[int], None]
ACKNOWLEDGED = "licence.json"
_BLOCK = 1 << 20


class BadCheckpoint(InputError):
    """A file that is not the checkpoint it should be. The message is for the operator."""

    code = "bad_checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One network's official file.

    size, sha256: None where they are not known.
    renamed: replacements in the file's names, made when the official code loads it.
    optional: names that the file may lack, because nothing depends on them.
    spectral: the file holds spectral norms, which are folded.
    """

    network: str
    filename: str
    size: int | None = None
    sha256: str | None = None
    renamed: tuple[tuple[str, str], ...] = ()
    extra: bool = False  # what the network does not have is left out, as the official code does
    optional: str = r"num_batches_tracked$"
    spectral: bool = False

    @property
    def engine(self) -> str:
        return self.network.partition("/")[0]

    @property
    def stored(self) -> str:
        """Relative to :func:`folder`."""
        return f"{self.network}.safetensors"


@dataclass(frozen=True, slots=True)
class Licence:
    """What the operator agrees to."""

    name: str
    holder: str
    source: str


CHECKPOINTS: tuple[Checkpoint, ...] = (
    Checkpoint(
        "viton_hd/seg",
        "seg_final.pth",
        138130794,
        "cbd2b86c84540722bb55046284e5217e2d0323346bb2944358937fa371bd2519",
    ),
    Checkpoint(
        "viton_hd/gmm",
        "gmm_final.pth",
        76218413,
        "6c611279bc1c6a85f2e9b0cd4caa203472f86b20bd406946426b675ed1c767c1",
    ),
    Checkpoint(
        "viton_hd/alias",
        "alias_final.pth",
        402472247,
        "c76a83d3d720558e3daf85b946c9215c6ac4f0609895a9079eb4fe4089546734",
        spectral=True,
    ),
    Checkpoint(
        "hr_viton/tocg", "mtviton.pth", extra=True, optional=r"num_batches_tracked$|^conv2\."
    ),
    Checkpoint(
        "hr_viton/gen", "gen.pth", renamed=(("ace", "alias"), (".Spade", "")), spectral=True
    ),
    Checkpoint("flow_style/warp", "PFAFN_warp_epoch_101.pth", extra=True),
    Checkpoint("flow_style/gen", "PFAFN_gen_epoch_101.pth", extra=True),
)
LICENCES: Mapping[str, Licence] = {
    "viton_hd": Licence("CC BY-NC 4.0", "NeStyle Inc., 2021", "github.com/shadow2496/VITON-HD"),
    "hr_viton": Licence(
        "CC BY-NC 4.0", "the authors of HR-VITON, 2022", "github.com/sangyun884/HR-VITON"
    ),
    "flow_style": Licence(
        "CC BY-NC-SA 4.0",
        "He, Song, Xiang / University of Surrey, 2022",
        "github.com/SenHe/Flow-Style-VTON",
    ),
}


def folder() -> Path:
    """Where installed weights are: in the operator's data folder, never in the source."""
    default = Path(__file__).resolve().parents[1] / ".otbang"
    return Path(os.environ.get("OTBANG_HOME") or default).absolute() / "weights"


def of_engine(engine: str) -> tuple[Checkpoint, ...]:
    """In the order of the official pipeline; empty for an engine without such files."""
    return tuple(each for each in CHECKPOINTS if each.engine == engine)


# --- the licence -------------------------------------------------------------------------------


def acknowledge(engine: str, *, by: str) -> None:
    """Write down that the operator accepts the engine's licence."""
    licence = LICENCES[engine]
    record = {
        "licence": licence.name,
        "holder": licence.holder,
        "source": licence.source,
        "accepted": "non-commercial use only",
        "by": by,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with _swapped_in(folder() / engine / ACKNOWLEDGED) as part:
        part.write_text(json.dumps(record, indent=2))


def acknowledged(engine: str) -> bool:
    """Whether that was done, for the licence that holds today."""
    try:
        record = json.loads((folder() / engine / ACKNOWLEDGED).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(record, dict) and record.get("licence") == LICENCES[engine].name


# --- checking and reading ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Accepted:
    """A file that passed: what it is, and its tensors under our names, folded."""

    checkpoint: Checkpoint
    path: Path
    sha256: str
    official: bool
    tensors: State
    notes: tuple[str, ...] = ()


def accept(
    path: Path, engine: str, *, allow_unknown: bool = False, on_bytes: OnBytes = lambda _: None
) -> Accepted:
    """Check a file and read it. Raises BadCheckpoint, OSError."""
    candidates = of_engine(engine)
    size = path.stat().st_size
    named = next((each for each in candidates if each.filename == path.name), None)
    if named and named.size and size != named.size and not allow_unknown:
        what = "is cut off" if size < named.size else "is not the official file"
        raise BadCheckpoint(f"{path.name} {what}: {size:,} bytes, the official has {named.size:,}")
    digest = _sha256(path, on_bytes)
    known = next((each for each in candidates if each.sha256 == digest), None)
    if known is None and not allow_unknown:
        if named and named.sha256:
            why = f"its sha256 {digest[:12]}… is not the official {named.sha256[:12]}…"
        else:
            why = "no official sha256 is known for it"
        raise BadCheckpoint(
            f"{path.name}: {why}; give --allow-unknown to install it if you trust where it is from"
        )
    raw = read(path)
    return _fitted(path, digest, raw, candidates if known is None else (known,), known is not None)


def read(path: Path) -> State:
    """The tensors of a ``.pth`` file, by the names in it; no code of the file ever runs.

    Raises BadCheckpoint, also for files that would have run something.
    """
    import pickle
    import zipfile

    import torch
    from torch import Tensor

    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                packed = sum(each.file_size for each in archive.infolist())
            if packed > path.stat().st_size:  # torch stores as it is: this one wants to grow
                raise BadCheckpoint(f"{path.name} is a packed archive, not a PyTorch checkpoint")
        found = torch.load(path, map_location="cpu", weights_only=True)
    except BadCheckpoint:
        raise
    except pickle.UnpicklingError as error:
        wants = re.search(r"GLOBAL ([\w.]+)", str(error))
        if wants:
            raise BadCheckpoint(
                f"{path.name} was refused: it is a program that asks for {wants[1]}, not a "
                "checkpoint; nothing of it was run"
            ) from None
        raise BadCheckpoint(f"{path.name} is damaged or no PyTorch checkpoint") from None
    except Exception as error:
        raise BadCheckpoint(f"{path.name} is damaged or no PyTorch checkpoint") from error
    if not isinstance(found, Mapping) or not found:
        raise BadCheckpoint(f"{path.name} holds no table of tensors")
    odd = [name for name, each in found.items() if not isinstance(each, Tensor)]
    if odd:
        raise BadCheckpoint(f"{path.name} holds more than tensors: {_some(odd)}")
    return {str(name): each.detach() for name, each in found.items()}


def _fitted(
    path: Path, digest: str, raw: State, candidates: Sequence[Checkpoint], official: bool
) -> Accepted:
    """Which of the networks these tensors are, or why none."""
    complaints: list[tuple[int, str]] = []
    for checkpoint in candidates:
        wanted = shapes(checkpoint.network)
        found = {_renamed(name, checkpoint): each for name, each in raw.items()}
        optional = re.compile(checkpoint.optional)
        missing = [n for n in wanted if n not in found and not optional.search(n)]
        extra = [n for n in found if n not in wanted]
        wrong = [n for n in wanted if n in found and tuple(found[n].shape) != wanted[n]]
        if missing or wrong or (extra and not checkpoint.extra):
            told = [
                f"{len(names)} {kind} ({_some(names)})"
                for kind, names in (("missing", missing), ("unknown", extra), ("misshapen", wrong))
                if names
            ]
            shared = len(wanted) - len(missing) - len(wrong)
            complaints.append((shared, f"{checkpoint.network}: {', '.join(told)}"))
            continue
        notes = [f"left out {len(extra)} tensors that the network does not have"] if extra else []
        kept = {name: found[name] for name in wanted if name in found}
        _finite(path, kept)
        if checkpoint.spectral:
            from ml.tryon.published.spectral import fold

            before = len(kept)
            kept = fold(kept)
            notes.append(f"folded {(before - len(kept)) // 2} spectral norms")
        return Accepted(checkpoint, path, digest, official, kept, tuple(notes))
    nearest = max(complaints)[1]
    raise BadCheckpoint(f"{path.name} is no checkpoint of this engine; nearest to {nearest}")


def shapes(network: str) -> dict[str, tuple[int, ...]]:
    """The official names and shapes of a network's tensors; allocates nothing."""
    import torch

    from ml.tryon.reference import build

    with torch.device("meta"):
        return {name: tuple(each.shape) for name, each in build(network).state_dict().items()}


def _renamed(name: str, checkpoint: Checkpoint) -> str:
    for old, new in checkpoint.renamed:
        name = name.replace(old, new)
    return name


def _finite(path: Path, tensors: State) -> None:
    import torch

    broken = [name for name, each in tensors.items() if not torch.isfinite(each).all()]
    if broken:
        raise BadCheckpoint(f"{path.name} holds values that are no numbers: {_some(broken)}")


# --- keeping -----------------------------------------------------------------------------------


def keep(accepted: Accepted) -> Path:
    """Store as safetensors, where :func:`folder` says. Returns the file."""
    from safetensors.torch import save_file

    checkpoint = accepted.checkpoint
    tensors = {
        name: (each.float() if each.is_floating_point() else each).contiguous().clone()
        for name, each in accepted.tensors.items()
    }
    about = {
        "network": checkpoint.network,
        "source": accepted.path.name,
        "source_sha256": accepted.sha256,
        "official": str(accepted.official).lower(),
        "licence": LICENCES[checkpoint.engine].name,
    }
    path = folder() / checkpoint.stored
    with _swapped_in(path) as part:
        save_file(tensors, part, about)
        part.chmod(0o644)  # safetensors writes for its owner alone
    return path


@contextmanager
def _swapped_in(path: Path) -> Iterator[Path]:
    """A file to write, which then takes the place of ``path``: nobody sees half of one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        yield part
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _sha256(path: Path, on_bytes: OnBytes) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            on_bytes(len(block))
    return digest.hexdigest()


def _some(names: Sequence[object], most: int = 3) -> str:
    shown = ", ".join(str(name)[:80] for name in names[:most])
    return f"{shown} …" if len(names) > most else shown
