"""Checkpoint files: good ones are kept as they are meant, bad ones are refused with a sentence."""

from __future__ import annotations

import hashlib
import os
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from ml import weights
from ml.weights import BadCheckpoint, Checkpoint

SHAPES = {"a.weight": (4, 3), "a.bias": (4,), "n.num_batches_tracked": ()}
SPECTRAL = {"s.weight_orig": (4, 3, 1, 1), "s.weight_u": (4,), "s.weight_v": (3,)}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("OTBANG_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Any:
    """One small network in place of the table: ``known(size=…, sha256=…)``."""

    def table(shapes: dict[str, tuple[int, ...]] = SHAPES, **fields: Any) -> None:
        one = Checkpoint("flow_style/warp", "official.pth", **fields)
        monkeypatch.setattr(weights, "CHECKPOINTS", (one,))
        monkeypatch.setattr(weights, "shapes", lambda network: dict(shapes))

    table()
    return table


def state(shapes: dict[str, tuple[int, ...]] = SHAPES) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(3)
    return OrderedDict(
        (name, torch.rand(shape, generator=generator)) for name, shape in shapes.items()
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "official.pth"
    torch.save(state(), path)
    return path


def accept(path: Path, *, allow_unknown: bool = True) -> weights.Accepted:
    return weights.accept(path, "flow_style", allow_unknown=allow_unknown)


def describe(path: Path) -> dict[str, Any]:
    return {"size": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}


def test_an_official_file_is_taken_and_kept_as_safetensors(
    known: Any, file: Path, home: Path
) -> None:
    known(**describe(file))
    hashed: list[int] = []
    accepted = weights.accept(file, "flow_style", on_bytes=hashed.append)
    assert accepted.official
    assert sum(hashed) == file.stat().st_size
    where = weights.keep(accepted)
    assert where == home / "weights" / "flow_style" / "warp.safetensors"
    kept = load_file(where)
    assert all(torch.equal(kept[name], each) for name, each in state().items())
    with safe_open(where, "pt") as opened:
        about = opened.metadata()
    assert about["licence"] == "CC BY-NC-SA 4.0"
    assert about["source_sha256"] == accepted.sha256
    assert [path.name for path in where.parent.iterdir()] == ["warp.safetensors"]


@pytest.mark.parametrize("legacy", [False, True])
def test_old_and_new_formats_and_parameters_are_read(tmp_path: Path, legacy: bool) -> None:
    path = tmp_path / "net.pth"
    net = nn.Sequential(nn.Linear(3, 4))
    saved = OrderedDict(net.named_parameters()) if legacy else net.state_dict()
    torch.save(saved, path, _use_new_zipfile_serialization=not legacy)
    found = weights.read(path)
    assert torch.equal(found["0.weight"], net[0].weight)
    assert not found["0.weight"].requires_grad


def test_an_unknown_file_is_refused_until_allowed(known: Any, file: Path) -> None:
    with pytest.raises(BadCheckpoint, match=r"no official sha256 is known.*--allow-unknown"):
        accept(file, allow_unknown=False)
    assert not accept(file).official


def test_a_changed_or_cut_off_file_says_so(known: Any, file: Path) -> None:
    official = describe(file)
    known(**official)
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(BadCheckpoint, match="is not the official"):
        accept(file, allow_unknown=False)
    file.write_bytes(data[:-100])
    with pytest.raises(BadCheckpoint, match="is cut off"):
        accept(file, allow_unknown=False)
    with pytest.raises(BadCheckpoint, match="damaged"):
        accept(file)


class Program:
    """What an attacker would send: unpickling it makes a folder."""

    def __init__(self, trace: Path) -> None:
        self.trace = str(trace)

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (self.trace,)


@pytest.mark.filterwarnings("ignore:Detected pickle protocol")
@pytest.mark.parametrize("how", ["zip", "legacy", "old pickle", "new pickle", "beside tensors"])
def test_a_pickle_that_is_a_program_is_refused_and_not_run(
    known: Any, tmp_path: Path, how: str
) -> None:
    trace, path = tmp_path / "it-ran", tmp_path / "official.pth"
    if how.endswith("pickle"):
        path.write_bytes(pickle.dumps(Program(trace), protocol=2 if how.startswith("old") else 4))
    elif how == "beside tensors":
        torch.save({**state(), "hook": Program(trace)}, path)
    else:
        torch.save(Program(trace), path, _use_new_zipfile_serialization=how == "zip")
    # The newer pickle is refused before its first name.
    sentence = "damaged or no" if how == "new pickle" else r"is a program that asks for \w+.mkdir"
    with pytest.raises(BadCheckpoint, match=sentence):
        accept(path)
    assert not trace.exists()
    pickle.loads(pickle.dumps(Program(trace)))  # noqa: S301 (shows that the program would work)
    assert trace.is_dir()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "damaged"),
        (b"PK\x03\x04 not really", "damaged"),
        (b"<html>Quota exceeded</html>", "damaged"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "damaged"),
    ],
)
def test_what_is_no_checkpoint_is_refused(
    known: Any, tmp_path: Path, content: bytes, sentence: str
) -> None:
    path = tmp_path / "official.pth"
    path.write_bytes(content)
    with pytest.raises(BadCheckpoint, match=sentence):
        accept(path)


def test_a_packed_archive_is_refused_before_it_grows(known: Any, file: Path) -> None:
    path = file.with_name("bomb.pth")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\0" * 5_000_000)
    assert path.stat().st_size < 100_000
    with pytest.raises(BadCheckpoint, match="packed"):
        accept(path)


@pytest.mark.parametrize("content", [{}, [1, 2], {"epoch": 3, **state()}, {"state_dict": state()}])
def test_a_file_that_is_no_table_of_tensors_is_refused(
    known: Any, tmp_path: Path, content: Any
) -> None:
    path = tmp_path / "official.pth"
    torch.save(content, path)
    with pytest.raises(BadCheckpoint, match="tensors"):
        accept(path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"a.bias": None}, r"1 missing \(a.bias\)"),
        ({"a.bias": torch.zeros(5)}, r"1 misshapen \(a.bias\)"),
        ({"b.bias": torch.zeros(5)}, r"1 unknown \(b.bias\)"),
        ({"a.bias": torch.full((4,), torch.nan)}, r"no numbers: a.bias"),
    ],
)
def test_tensors_that_do_not_fit_are_named(
    known: Any, tmp_path: Path, change: dict[str, Tensor | None], sentence: str
) -> None:
    path = tmp_path / "official.pth"
    changed = {name: each for name, each in {**state(), **change}.items() if each is not None}
    torch.save(changed, path)
    with pytest.raises(BadCheckpoint, match=sentence):
        accept(path)


def test_what_the_official_code_forgives_is_forgiven(known: Any, tmp_path: Path) -> None:
    known(extra=True)
    path = tmp_path / "official.pth"
    changed = {**state(), "more": torch.zeros(5)}
    del changed["n.num_batches_tracked"]
    torch.save(changed, path)
    accepted = accept(path)
    assert sorted(accepted.tensors) == ["a.bias", "a.weight"]
    assert accepted.notes == ("left out 1 tensors that the network does not have",)


def test_names_are_changed_and_spectral_norms_folded(known: Any, tmp_path: Path) -> None:
    known(
        {"alias_0.bias": (2,), **SPECTRAL},
        spectral=True,
        renamed=(("ace", "alias"), (".Spade", "")),
    )
    path = tmp_path / "official.pth"
    raw = {"ace_0.Spade.bias": torch.ones(2), **state(SPECTRAL)}
    torch.save(raw, path)
    accepted = accept(path)
    assert sorted(accepted.tensors) == ["alias_0.bias", "s.weight"]
    matrix, u, v = (raw[f"s.weight_{end}"] for end in ("orig", "u", "v"))
    assert torch.allclose(accepted.tensors["s.weight"], matrix / (u @ matrix.flatten(1) @ v))
    assert accepted.notes == ("folded 1 spectral norms",)


def test_the_table_fits_the_networks() -> None:
    """Renamed and optional names, spectral norms: all mean something in our networks."""
    for checkpoint in weights.CHECKPOINTS:
        names = weights.shapes(checkpoint.network)
        spectral = {name for name in names if name.endswith("weight_u")}
        assert bool(spectral) == checkpoint.spectral, checkpoint.network
        for old, _new in checkpoint.renamed:
            assert not [name for name in names if old in name], "they would not survive"
        if checkpoint.size:
            raw = sum(4 * torch.Size(shape).numel() for shape in names.values())
            assert 0 < checkpoint.size - raw < 200_000
    assert set(weights.LICENCES) == {checkpoint.engine for checkpoint in weights.CHECKPOINTS}


def test_the_acknowledgement_is_kept_and_is_for_one_licence(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not weights.acknowledged("flow_style")
    weights.acknowledge("flow_style", by="olga")
    assert weights.acknowledged("flow_style")
    assert not weights.acknowledged("viton_hd")
    stricter = weights.Licence("CC BY-NC-ND 9.0", "x", "y")
    monkeypatch.setattr(weights, "LICENCES", {"flow_style": stricter})
    assert not weights.acknowledged("flow_style")
    (home / "weights/flow_style/licence.json").write_text("[]")
    assert not weights.acknowledged("flow_style")
