"""``python -m ml annotate`` as a subprocess, and trying on photos that nobody annotated."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml import images
from ml.person import store
from ml.person.annotation import Atr, PersonAnnotation
from ml.tryon.session import scaled
from tests.ml.garment.drawn import draw
from tests.ml.person import scenes
from tests.ml.test_cli import run, told_one_line


@pytest.fixture(scope="module")
def album(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of people and other things, as they come."""
    folder = tmp_path_factory.mktemp("album")
    yuna = scenes.figure("yuna")[0]
    (folder / "yuna.png").write_bytes(images.encode(images.fit(yuna, max_height=700), "png"))
    (folder / "half.jpg").write_bytes(images.encode(scenes.cropped(-0.1, 0.66)[0], "jpeg"))
    (folder / "hills.png").write_bytes(images.encode(scenes.landscape(), "png"))
    (folder / "back.jpg").write_bytes(images.encode(scenes.from_behind(), "jpeg"))
    (folder / "invoice.jpg").write_bytes(b"%PDF-1.7 not a photo")
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.rot90(yuna)).save(folder / "turned.jpg", exif=exif, quality=95)
    labels = scenes.figure("yuna")[1]
    cut = np.dstack([yuna, np.where(labels.parse > 0, 255, 0).astype(np.uint8)])
    cut[labels.parse == 0, :3] = 0  # black behind the transparency
    Image.fromarray(cut).save(folder / "cutout.png")
    (folder / "tee.png").write_bytes(images.encode(draw("tee").rgb, "png"))
    (folder / "trousers.png").write_bytes(images.encode(draw("trousers").rgb, "png"))
    return folder


def agrees(found: PersonAnnotation, name: str = "yuna") -> bool:
    """The person lies where the drawn one does."""
    truth = scaled(scenes.figure(name)[1], found.parse.shape)
    return scenes.iou(found.parse, truth.parse, *(label for label in Atr if label)) > 0.8


def test_many_photos(album: Path, tmp_path: Path) -> None:
    names = ("yuna.png", "invoice.jpg", "half.jpg", "hills.png", "back.jpg", "turned.jpg")
    photos = [album / name for name in (*names, "cutout.png")]
    done = run("annotate", *photos, album / "missing.png", "--out-dir", tmp_path, "--overlay")
    assert done.returncode == 2
    complaints = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(complaints) == 3
    assert any("invoice.jpg" in line and "PDF" in line for line in complaints)
    assert any("hills.png" in line and "nobody" in line for line in complaints)
    assert any("missing.png" in line and "no such file" in line for line in complaints)
    assert "Traceback" not in done.stderr

    told = dict(line.rsplit("/", 1)[1].split(": ", 1) for line in done.stdout.splitlines())
    assert told["yuna.png"] == told["turned.jpg"] == "ok"
    assert told["half.jpg"].startswith("no lower")
    assert "feet" in told["half.jpg"]
    assert told["back.jpg"] == "refused: the person is seen from behind or from the side"

    stems = {"yuna", "half", "back", "turned", "cutout"}
    assert {path.stem for path in (tmp_path / "parse_atr").iterdir()} == stems
    assert {path.name for path in (tmp_path / "overlay").iterdir()} == {f"{s}.jpg" for s in stems}
    lines = (tmp_path / "keypoints.jsonl").read_text().splitlines()
    assert {json.loads(line)["id"] for line in lines} == stems
    for name in ("yuna", "turned", "cutout"):
        found = store.read_folder(tmp_path, name)
        size = images.on_white(images.read(next(album.glob(f"{name}.*")))).shape[:2]
        assert found.parse.shape == size
        assert agrees(found), name
    picture = images.read(tmp_path / "overlay" / "turned.jpg").rgb
    assert picture.shape == (1200, 900, 3)
    person = scenes.figure()[1].parse > 0
    gap = np.abs(picture.astype(int) - scenes.figure()[0]).mean(axis=2)
    assert gap[person].mean() > 20 > gap[~person].mean()


def test_again_replaces(album: Path, tmp_path: Path) -> None:
    photo = album / "yuna.png"
    for _ in range(2):
        assert run("annotate", photo, "--out-dir", tmp_path).returncode == 0
    assert len((tmp_path / "keypoints.jsonl").read_text().splitlines()) == 1
    assert not (tmp_path / "overlay").exists()


def test_bad_options(album: Path, tmp_path: Path) -> None:
    told_one_line(run("annotate", album / "yuna.png"), "--out-dir")
    told_one_line(run("annotate", album / "hills.png", "--out-dir", tmp_path), "hills.png")
    assert not list(tmp_path.iterdir())
    twin = tmp_path / "yuna.png"
    twin.write_bytes((album / "back.jpg").read_bytes())
    done = run("annotate", album / "yuna.png", twin, "--out-dir", tmp_path / "out")
    assert done.returncode == 2
    assert "same name" in done.stderr
    assert agrees(store.read_folder(tmp_path / "out", "yuna"))


def test_what_it_writes_feeds_a_try_on(album: Path, tmp_path: Path) -> None:
    assert run("annotate", album / "yuna.png", "--out-dir", tmp_path / "notes").returncode == 0
    rest = ("--person", album / "yuna.png", "--garment", album / "tee.png", "--json", "--out")
    given = run("tryon", *rest, tmp_path / "given.png", "--annotation", tmp_path / "notes")
    assert given.returncode == 0, given.stderr
    alone = run("tryon", *rest, tmp_path / "alone.png")
    assert alone.returncode == 0, alone.stderr
    report = json.loads(alone.stdout)
    assert report["seconds"]["annotate person"] > 0
    assert "annotate person" not in json.loads(given.stdout)["seconds"]
    one, other = (images.read(tmp_path / f"{name}.png").rgb for name in ("given", "alone"))
    assert np.array_equal(one, other)
    assert (one != images.read(album / "yuna.png").rgb).any(axis=2).mean() > 0.02


def test_a_photo_that_cannot_be_dressed_is_refused_with_its_reason(
    album: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"

    def refused(person: str, garment: str, *says: str) -> None:
        done = run(
            "tryon", "--person", album / person, "--garment", album / garment, "--out", out
        )  # fmt: skip
        told_one_line(done, person, *says)
        assert not out.exists()

    refused("hills.png", "tee.png", "nobody was found")
    refused("back.jpg", "tee.png", "from behind")
    refused("half.jpg", "trousers.png", "outside the photo", "feet")
    done = run(
        "tryon", "--person", album / "half.jpg", "--garment", album / "tee.png", "--out", out
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_labels_beside_a_photo_are_used_only_when_named(tmp_path: Path) -> None:
    """The network's own labels, not the mirrored ones that lie around."""
    rgb, labels = scenes.figure("minjae")
    photo = tmp_path / "minjae.png"
    photo.write_bytes(images.encode(rgb, "png"))
    behind = labels.keypoints.copy()
    behind[:, 0] = rgb.shape[1] - behind[:, 0]
    store.write_folder(tmp_path, "minjae", PersonAnnotation(labels.parse, behind))
    (tmp_path / "tee.png").write_bytes(images.encode(draw("tee").rgb, "png"))
    rest = ("--person", photo, "--garment", tmp_path / "tee.png", "--out", tmp_path / "out.png")
    told_one_line(run("tryon", *rest, "--annotation", tmp_path), "from behind")
    assert run("tryon", *rest).returncode == 0
