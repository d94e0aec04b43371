"""The real command as a subprocess: what it writes, says and answers, for good and bad input."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml import images
from ml.commands.profile import FIXTURES
from ml.person import store
from ml.tryon.session import scaled
from tests.ml.garment.drawn import draw

ROOT = Path(__file__).resolve().parents[2]
MODELS = FIXTURES / "demo" / "fitting_models"


def run(*arguments: object, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ml", *map(str, arguments)],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


def told_one_line(done: subprocess.CompletedProcess[str], *parts: str) -> None:
    """Exit code 2, one line on stderr naming what is wrong, nothing on stdout, no traceback."""
    assert done.returncode == 2, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("error: ")
    for part in parts:
        assert part in lines[0]
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.fixture(scope="module")
def person() -> Path:
    """A drawn fitting model of the demo."""
    return sorted((MODELS / "photos").iterdir())[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Drawn garments, and files that are none."""
    folder = tmp_path_factory.mktemp("wardrobe")
    for kind in ("tee", "trousers", "skirt"):
        (folder / f"{kind}.png").write_bytes(images.encode(draw(kind).rgb, "png"))
    (folder / "wall.png").write_bytes(images.encode(np.full((200, 200, 3), 200, np.uint8), "png"))
    (folder / "invoice.jpg").write_bytes(b"%PDF-1.7 not a photo")
    (folder / "empty.png").write_bytes(b"")
    (folder / "cut.png").write_bytes((folder / "tee.png").read_bytes()[:3000])
    return folder


def test_one_picture(person: Path, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "out.png"
    done = run(
        "tryon", "--person", person, "--annotation", MODELS, "--garment", folder / "tee.png",
        "--out", out, "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    report = json.loads(done.stdout)
    photo, result = images.read(person).rgb, images.read(out).rgb
    photo = images.fit(photo, max_height=1536)
    assert result.shape == photo.shape
    assert (report["height"], report["width"]) == result.shape[:2]
    assert report["garments"][0]["region"] == "upper"
    assert report["seconds"]["annotate garment"] > 0
    changed = (result != photo).any(axis=2)
    assert 0.02 < changed.mean() < 0.6
    assert [p.name for p in out.parent.iterdir()] == ["out.png"]


def test_two_garments(person: Path, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jpg"
    done = run(
        "tryon", "--person", person, "--annotation", MODELS,
        "--garment", folder / "tee.png", folder / "trousers.png", "--out", out,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(out)
    assert images.read(out).format == "jpeg"


def test_a_table_does_its_good_rows(person: Path, folder: Path, tmp_path: Path) -> None:
    rows = [
        {"person": person, "garment": "tee.png", "region": "", "out": "a.png"},
        {"person": person, "garment": "invoice.jpg", "region": "upper", "out": "b.png"},
        {"person": person, "garment": "trousers.png", "region": "lower", "out": "sub/c"},
        {"person": person, "garment": "tee.png", "region": "hat", "out": "d.png"},
        {"person": "nobody.png", "garment": "tee.png", "region": "", "out": "e.png"},
    ]
    table = folder / "pairs.csv"
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["person", "garment", "region", "out", "annotation"])
        writer.writeheader()
        writer.writerows(row | {"annotation": MODELS} for row in rows)
    done = run("tryon", "--pairs", table, "--out-dir", tmp_path, "--json", cwd=tmp_path)
    assert done.returncode == 2
    assert {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.png")} == {
        "a.png",
        "sub/c.png",
    }
    complaints = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(complaints) == 3
    assert any("invoice.jpg" in line and "PDF" in line for line in complaints)
    assert any("line 5" in line and "hat" in line for line in complaints)
    assert any("nobody.png" in line for line in complaints)
    assert "%" in done.stderr  # the progress bar
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert [report.get("error") for report in reports] == [
        None,
        "not_an_image",
        None,
        "cannot_read_or_write",
    ]


@pytest.mark.parametrize(
    ("garment", "says"),
    [
        ("invoice.jpg", "PDF"),
        ("empty.png", "empty"),
        ("cut.png", "cut off"),
        ("wall.png", "background"),
        ("missing.png", "no such file"),
        ("", "directory"),
    ],
)
def test_bad_garments(person: Path, folder: Path, tmp_path: Path, garment: str, says: str) -> None:
    out = tmp_path / "out.png"
    done = run(
        "tryon", "--person", person, "--annotation", MODELS, "--garment", folder / garment,
        "--out", out,
    )  # fmt: skip
    told_one_line(done, garment, says)
    assert not out.exists()


def test_bad_people(person: Path, folder: Path, tmp_path: Path) -> None:
    rest = ("--garment", folder / "tee.png", "--out", tmp_path / "out.png")
    told_one_line(run("tryon", "--person", folder / "invoice.jpg", *rest), "PDF")
    told_one_line(
        run("tryon", "--person", folder / "skirt.png", "--annotation", MODELS, *rest),
        "parse_atr/skirt.png",
    )
    store.write_folder(tmp_path / "notes", person.stem, store.read_folder(MODELS, person.stem))
    wide = tmp_path / person.name
    Image.new("RGB", (600, 300)).save(wide, lossless=True)
    told_one_line(
        run("tryon", "--person", wide, "--annotation", tmp_path / "notes", *rest), "600 x 300"
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "COMMAND"),
        (("fly",), "invalid choice: 'fly'"),
        (("tryon",), "--person, --garment, --out missing"),
        (("tryon", "--pairs", "pairs.csv"), "belong together"),
        (("tryon", "--person", "p.png", "--pairs", "x.csv", "--out-dir", "o"), "cannot be used"),
        (("tryon", "--pairs", "nowhere.csv", "--out-dir", "o"), "nowhere.csv"),
        (("tryon", "--person", "p", "--garment", "g", "--out", "o.gif"), "o.gif"),
        (("tryon", "--person", "p", "--garment", "g", "--out", "o.png", "--engine", "x"), "'x'"),
        (("tryon", "--region", "hat"), "invalid choice: 'hat'"),
        (("mask", "a.png"), "--out-dir"),
        (("profile", "--repeat", "0"), "--repeat"),
        (("profile", "--device", "cuda"), "drape runs on cpu"),
        (("profile", "--filled-weights"), "--filled-weights is for flow_style"),
        (("profile", "--engine", "flow_style"), "install_checkpoint flow_style"),
        (("profile", "--garment", "nowhere.png"), "nowhere.png"),
    ],
)
def test_wrong_options(arguments: tuple[str, ...], says: str) -> None:
    told_one_line(run(*arguments), says)


def test_masks_of_many_photos(folder: Path, tmp_path: Path) -> None:
    done = run(
        "mask", folder / "tee.png", folder / "invoice.jpg", folder / "skirt.png",
        folder / "wall.png", "--out-dir", tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
    complaints = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(complaints) == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["skirt.png", "tee.png"]
    with Image.open(tmp_path / "tee.png") as written:
        assert written.mode == "L"
        mask = np.array(written)
    truth = draw("tee").mask > 127
    assert mask.shape == truth.shape
    assert set(np.unique(mask)) == {0, 255}
    assert ((mask > 127) & truth).sum() / ((mask > 127) | truth).sum() > 0.96


def test_a_mask_has_the_turned_photos_size(folder: Path, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = tmp_path / "phone.jpg"
    with Image.open(folder / "tee.png") as tee:
        tee.rotate(90, expand=True).save(photo, exif=exif, quality=95)
    assert run("mask", photo, "--out-dir", tmp_path / "masks").returncode == 0
    with Image.open(tmp_path / "masks" / "phone.png") as written:
        mask = np.array(written) > 127
    truth = draw("tee").mask > 127
    assert (mask & truth).sum() / (mask | truth).sum() > 0.96


def test_two_photos_of_one_name_do_not_overwrite(folder: Path, tmp_path: Path) -> None:
    twin = tmp_path / "tee.png"
    twin.write_bytes((folder / "skirt.png").read_bytes())
    done = run("mask", folder / "tee.png", twin, "--out-dir", tmp_path / "masks")
    assert done.returncode == 2
    assert "same name" in done.stderr
    with Image.open(tmp_path / "masks" / "tee.png") as written:
        mask = np.array(written) > 127
    truth = draw("tee").mask > 127
    assert (mask & truth).sum() / (mask | truth).sum() > 0.96


def test_profile_names_every_stage_and_its_costs(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "costs.json"
    done = run("profile", "--garment", folder / "tee.png", "--repeat", 2, "--json", "--out", out)
    assert done.returncode == 0, done.stderr
    table = json.loads(done.stdout)
    assert json.loads(out.read_text()) == table
    assert {"read person", "annotate person", "annotate garment", "warp", "encode"} <= set(
        table["seconds"]
    )
    assert table["total"] >= max(table["seconds"].values())
    stages = table["stages"]
    assert sum(stage["share"] for stage in stages.values()) == pytest.approx(1, abs=0.01)
    assert all(stage["p95"] >= stage["median"] for stage in stages.values())
    # The network that looks at the person: billions of operations, hundreds of megabytes.
    assert stages["annotate person"]["flops"] > 1e9
    assert stages["annotate person"]["megabytes"] > 100
    assert stages["encode"]["flops"] is None


def test_profile_prints_a_table() -> None:
    plain = run("profile", "--repeat", 1)
    assert plain.returncode == 0, plain.stderr
    assert "GFLOP" in plain.stdout
    assert "total" in plain.stdout


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import sys; from ml.__main__ import main\n"
        "try: main(['tryon', '--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'cv2', 'torch', 'numpy'} & set(sys.modules), sys.modules.keys()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_an_annotation_is_scaled_to_its_photo(person: Path) -> None:
    annotation = store.read_folder(MODELS, person.stem)
    height, width = annotation.parse.shape
    half = scaled(annotation, (height // 2, width // 2))
    assert half.parse.shape == (height // 2, width // 2)
    assert np.allclose(half.keypoints[:, :2] * 2, annotation.keypoints[:, :2], atol=2)
