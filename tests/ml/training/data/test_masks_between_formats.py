"""COCO, VIA and our own masks: what goes in comes out, whatever the way."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.errors import BadAnnotation
from ml.training.__main__ import main
from ml.training.data import coco, masks, via
from ml.training.data.labelled import Labelled, LabelledPicture

SIZE = (60, 80)


def pictures() -> list[LabelledPicture]:
    """A shirt with a hole, trousers in two pieces, two socks of one label, two pictures."""
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    shirt = (np.hypot(x - 30, y - 25) < 18) & ~(np.hypot(x - 30, y - 25) < 6)
    trousers = ((np.abs(x - 52) < 4) | (np.abs(x - 64) < 4)) & (y > 8) & (y < 50)
    socks = [(np.abs(x - at) < 3) & (y > 52) for at in (8, 20)]
    first = [
        Labelled("shirt", shirt),
        Labelled("trousers", trousers),
        *(Labelled("sock", s) for s in socks),
    ]
    return [
        LabelledPicture("first.jpg", SIZE, tuple(first)),
        LabelledPicture("second.png", SIZE, (Labelled("shirt", x < 40),)),
    ]


def by_label(picture: LabelledPicture) -> list[tuple[str, np.ndarray]]:
    key = lambda item: (item.label, *np.argwhere(item.mask)[0])  # noqa: E731
    return [(item.label, item.mask) for item in sorted(picture.objects, key=key)]


def assert_same(found: Iterator[LabelledPicture], wanted: list[LabelledPicture]) -> None:
    got = sorted(found, key=lambda picture: picture.name)
    assert [(p.name, p.size) for p in got] == [(p.name, p.size) for p in wanted]
    for one, other in zip(got, wanted, strict=True):
        assert [label for label, _ in by_label(one)] == [label for label, _ in by_label(other)]
        for (_, mask), (label, truth) in zip(by_label(one), by_label(other), strict=True):
            np.testing.assert_array_equal(mask, truth, err_msg=label)


READ = {"coco": coco.read, "via": via.read, "masks": masks.read}
WRITE = {"coco": coco.write, "via": via.write, "masks": masks.write}


def place(folder: Path, kind: str) -> Path:
    return folder / ("masks" if kind == "masks" else f"{kind}.json")


@pytest.mark.parametrize("kind", READ)
def test_a_format_gives_back_what_it_took(tmp_path: Path, kind: str) -> None:
    WRITE[kind](pictures(), place(tmp_path, kind))
    assert_same(READ[kind](place(tmp_path, kind)), pictures())


@pytest.mark.parametrize(("source", "target"), list(itertools.permutations(READ, 2)))
def test_the_command_converts_without_loss(tmp_path: Path, source: str, target: str) -> None:
    start, end = place(tmp_path / "a", source), place(tmp_path / "b", target)
    WRITE[source](pictures(), start)
    assert main(["convert", "--from", source, "--to", target, str(start), str(end)]) == 0
    assert_same(READ[target](end), pictures())


def test_coco_has_boxes_areas_and_polygons_where_they_suffice(tmp_path: Path) -> None:
    coco.write(pictures(), tmp_path / "c.json")
    value = json.loads((tmp_path / "c.json").read_text())
    shirt, trousers = value["annotations"][:2]
    assert [c["name"] for c in value["categories"]] == ["shirt", "trousers", "sock"]
    assert shirt["segmentation"]["size"] == list(SIZE)  # it has a hole
    assert len(trousers["segmentation"]) == 2
    assert trousers["bbox"] == [49, 9, 19, 41]
    assert trousers["area"] == 2 * 7 * 41
    assert {a["image_id"] for a in value["annotations"]} == {1, 2}


def test_coco_with_runs_and_boxes_of_others(tmp_path: Path) -> None:
    box = {"id": 7, "image_id": 5, "category_id": 2, "bbox": [1, 2, 3, 4]}
    runs = {**box, "segmentation": {"size": [6, 7], "counts": [13, 4, 2, 1, 1, 2, 2, 4, 2, 4, 7]}}
    value = {
        "images": [{"id": 5, "file_name": "a.jpg", "width": 7, "height": 6}],
        "categories": [{"id": 2, "name": "hat"}],
        "annotations": [box, runs],
    }
    (tmp_path / "c.json").write_text(json.dumps(value))
    (picture,) = coco.read(tmp_path / "c.json")
    rectangle, ring = (item.mask for item in picture.objects)
    assert rectangle.sum() == 12
    assert rectangle[2:6, 1:4].all()
    assert ring.sum() == 15
    assert not ring[2, 3]


@pytest.mark.parametrize(
    "change",
    [
        {"annotations": [{"id": 1, "image_id": 9, "category_id": 1, "bbox": [0, 0, 1, 1]}]},
        {"annotations": [{"id": 1, "image_id": 1, "category_id": 9, "bbox": [0, 0, 1, 1]}]},
        {"annotations": [{"id": 1, "image_id": 1, "category_id": 1, "segmentation": [[1, 2, 3]]}]},
        {"images": [{"id": 1, "file_name": "a.jpg", "width": 10**6, "height": 10**6}]},
        {"images": None},
    ],
)
def test_bad_coco_is_refused_by_name(tmp_path: Path, change: dict[str, object]) -> None:
    value = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 8, "height": 8}],
        "categories": [{"id": 1, "name": "hat"}],
        "annotations": [],
    }
    (tmp_path / "c.json").write_text(json.dumps(value | change))
    with pytest.raises(BadAnnotation, match=r"c\.json"):
        list(coco.read(tmp_path / "c.json"))


def via_entry(shape: dict[str, object], **more: object) -> dict[str, object]:
    region = {"shape_attributes": shape, "region_attributes": {"class": "coat"}}
    return {"filename": "photo.png", "size": 10, "regions": [region], "file_attributes": {}, **more}


def write_via(folder: Path, value: object) -> Path:
    Image.new("RGB", (80, 60)).save(folder / "photo.png")
    (folder / "via.json").write_text(json.dumps(value))
    return folder / "via.json"


@pytest.mark.parametrize(
    ("shape", "area"),
    [
        ({"name": "rect", "x": 10, "y": 5, "width": 20, "height": 10}, 200),
        ({"name": "circle", "cx": 40, "cy": 30, "r": 10}, np.pi * 100),
        ({"name": "ellipse", "cx": 40, "cy": 30, "rx": 20, "ry": 5, "theta": 0.5}, np.pi * 100),
        ({"name": "polygon", "all_points_x": [0, 10, 0], "all_points_y": [0, 0, 10]}, 50),
    ],
)
def test_shapes_of_via_and_sizes_from_the_picture(
    tmp_path: Path, shape: dict[str, object], area: float
) -> None:
    path = write_via(tmp_path, {"_via_img_metadata": {"photo.png10": via_entry(shape)}})
    (picture,) = via.read(path)
    (item,) = picture.objects
    assert (picture.size, item.label) == ((60, 80), "coat")
    assert item.mask.sum() == pytest.approx(area, rel=0.12)


def test_via_1_and_points(tmp_path: Path) -> None:
    entry = via_entry({"name": "point", "cx": 1, "cy": 2})
    square = {"name": "rect", "x": 0, "y": 0, "width": 4, "height": 4}
    entry["regions"] = {
        "0": {"shape_attributes": square, "region_attributes": {}},
        "1": entry["regions"][0],  # type: ignore[index]
    }
    (picture,) = via.read(write_via(tmp_path, {"photo.png10": entry}))
    (item,) = picture.objects
    assert (item.label, int(item.mask.sum())) == ("garment", 16)


def test_via_without_its_pictures_asks_for_them(tmp_path: Path) -> None:
    square = {"name": "rect", "x": 0, "y": 0, "width": 4, "height": 4}
    path = write_via(tmp_path, {"k": via_entry(square)})
    (tmp_path / "photo.png").rename(tmp_path / "elsewhere.png")
    with pytest.raises(BadAnnotation, match="folder of its pictures"):
        list(via.read(path))
    (tmp_path / "pictures").mkdir()
    (tmp_path / "elsewhere.png").rename(tmp_path / "pictures" / "photo.png")
    assert len(list(via.read(path, tmp_path / "pictures"))) == 1


def test_masks_of_the_mask_command_are_garments(tmp_path: Path) -> None:
    Image.fromarray(np.full((40, 40), 255, np.uint8)).save(tmp_path / "tee.png")
    (picture,) = masks.read(tmp_path)
    assert (picture.name, picture.objects[0].label) == ("tee.jpg", "garment")


@pytest.mark.parametrize("label", ["../out", "", "."])
def test_a_label_cannot_leave_the_folder(tmp_path: Path, label: str) -> None:
    bad = LabelledPicture("a.jpg", (4, 4), (Labelled(label, np.ones((4, 4), np.bool_)),))
    with pytest.raises(BadAnnotation, match="folder"):
        masks.write([bad], tmp_path / "out")
    assert not list(tmp_path.rglob("*.png"))


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "no.json").write_text("[]")
    arguments = ["convert", "--from", "via", "--to", "coco"]
    assert main([*arguments, str(tmp_path / "no.json"), str(tmp_path / "out.json")]) == 2
    assert "VIA" in capsys.readouterr().err
    assert not (tmp_path / "out.json").exists()
