"""Folders of VITON-HD's kind, drawn: what is read, and what is said of what is missing."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.errors import BadAnnotation
from ml.person.annotation import Atr, Joint
from ml.training.data import viton_hd
from tests import drawings
from tests.ml.training.data.viton_folder import body_25, lip_labels, write_cloth, write_person


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_person(tmp_path, "00001_00")
    return tmp_path


def only(folder: Path) -> viton_hd.VitonItem:
    (item,) = viton_hd.read_items(folder)
    return item


def test_a_person_becomes_our_annotation(folder: Path) -> None:
    item = only(folder)

    assert (item.name, item.reason, item.densepose) == ("00001_00", "", None)
    assert item.annotation is not None
    drawn = np.array(Image.open(io.BytesIO(drawings.person_parse())))
    np.testing.assert_array_equal(item.annotation.parse, drawn)
    np.testing.assert_allclose(item.annotation.keypoints, drawings.KEYPOINTS)


def test_left_stays_left(folder: Path) -> None:
    annotation = only(folder).annotation
    assert annotation is not None
    for joint, part in ((Joint.L_ELBOW, Atr.LEFT_ARM), (Joint.R_KNEE, Atr.RIGHT_LEG)):
        x = annotation.keypoints[joint, 0]
        columns = np.nonzero(annotation.parse == part)[1]
        assert columns.min() <= x <= columns.max(), (joint, part)


def test_train_and_test_folders_and_garments(tmp_path: Path) -> None:
    write_person(tmp_path / "train", "a")
    write_person(tmp_path / "test", "b")
    write_cloth(tmp_path / "test", "shirt")
    (tmp_path / "test_pairs.txt").write_text("b.jpg shirt.jpg\n\n")

    assert [item.name for item in viton_hd.read_items(tmp_path)] == ["a", "b"]
    (cloth,) = viton_hd.read_cloths(tmp_path)
    assert cloth.mask is not None
    assert cloth.mask.name == "shirt.jpg"
    assert viton_hd.read_pairs(tmp_path / "test_pairs.txt") == [("b", "shirt")]


def test_gloves_and_socks_go_to_the_nearer_limb() -> None:
    labels = lip_labels()
    labels[176:182, 68:90] = viton_hd.GLOVE  # below the arm on the picture's left
    labels[280:298, 122:143] = viton_hd.SOCKS  # the leg on the picture's right
    parse = viton_hd.to_atr(labels, np.array(drawings.KEYPOINTS, np.float32))

    assert (parse[176:182, 68:90] == Atr.RIGHT_ARM).all()
    assert (parse[280:298, 122:143] == Atr.LEFT_LEG).all()


def test_label_ten_is_skin_above_a_top_and_a_dress_without_one() -> None:
    keypoints = np.array(drawings.KEYPOINTS, np.float32)
    labels = lip_labels()
    labels[76:90, 110:130] = viton_hd.SKIN_OR_JUMPSUIT
    assert (viton_hd.to_atr(labels, keypoints)[76:90, 110:130] == Atr.FACE).all()

    labels[np.isin(labels, (5, 9))] = viton_hd.SKIN_OR_JUMPSUIT
    parse = viton_hd.to_atr(labels, keypoints)
    assert (parse[labels == viton_hd.SKIN_OR_JUMPSUIT] == Atr.DRESS).all()


@pytest.mark.parametrize("slack", [0, -1])
def test_a_coloured_parse(folder: Path, slack: int) -> None:
    colours = np.clip(viton_hd.COLOURS + slack, 0, 255).astype(np.uint8)
    Image.fromarray(colours[lip_labels()]).save(folder / "image-parse-v3" / "00001_00.png")

    annotation = only(folder).annotation
    assert annotation is not None
    assert set(np.unique(annotation.parse)) == {0, 2, 4, 6, 9, 10, 11, 12, 13, 14, 15}


def test_a_smaller_parse_grows_to_the_photo(folder: Path) -> None:
    path = folder / "image-parse-v3" / "00001_00.png"
    Image.open(path).resize((120, 160), Image.Resampling.NEAREST).save(path)

    annotation = only(folder).annotation
    assert annotation is not None
    assert annotation.parse.shape == (320, 240)
    assert annotation.parse[130, 120] == Atr.UPPER


def test_of_several_people_the_one_in_front(folder: Path) -> None:
    far = np.array(body_25()).reshape(25, 3)
    far[:, :2] *= 0.2
    people = [far.ravel().tolist(), body_25()]
    (folder / "openpose_json" / "00001_00_keypoints.json").write_text(
        json.dumps({"people": [{"pose_keypoints_2d": points} for points in people]})
    )

    annotation = only(folder).annotation
    assert annotation is not None
    assert annotation.keypoints[Joint.L_SHOULDER, 0] == 154


def test_eighteen_points_are_taken_too() -> None:
    flat = [value for row in drawings.KEYPOINTS for value in row]
    np.testing.assert_allclose(viton_hd.keypoints_of(flat), drawings.KEYPOINTS)


def _pose(folder: Path, value: object) -> None:
    (folder / "openpose_json" / "00001_00_keypoints.json").write_text(json.dumps(value))


def _parse(folder: Path, pixels: np.ndarray) -> None:
    Image.fromarray(pixels).save(folder / "image-parse-v3" / "00001_00.png")


@pytest.mark.parametrize(
    ("reason", "break_it"),
    [
        ("no_parse", lambda f: (f / "image-parse-v3" / "00001_00.png").unlink()),
        ("no_keypoints", lambda f: (f / "openpose_json" / "00001_00_keypoints.json").unlink()),
        ("bad_keypoints", lambda f: _pose(f, {"people": [{"pose_keypoints_2d": [1, 2]}]})),
        ("bad_keypoints", lambda f: _pose(f, [])),
        ("nobody", lambda f: _pose(f, {"people": []})),
        ("nobody", lambda f: _parse(f, np.zeros((320, 240), np.uint8))),
        ("sizes_differ", lambda f: _parse(f, np.zeros((320, 320), np.uint8))),
        (
            "sizes_differ",
            lambda f: _pose(f, {"people": [{"pose_keypoints_2d": [3 * v for v in body_25()]}]}),
        ),
        ("bad_parse", lambda f: _parse(f, np.full((320, 240), 30, np.uint8))),
        ("bad_parse", lambda f: _parse(f, np.full((320, 240, 3), 99, np.uint8))),
        ("bad_photo", lambda f: (f / "image" / "00001_00.jpg").write_bytes(b"no photo")),
    ],
)
def test_what_is_wrong_is_named_and_the_others_are_read(
    folder: Path, reason: str, break_it
) -> None:  # type: ignore[no-untyped-def]
    break_it(folder)
    write_person(folder, "00002_00")

    first, second = viton_hd.read_items(folder)
    assert (first.annotation, first.reason) == (None, reason)
    assert first.detail
    assert second.annotation is not None


def test_another_kind_of_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadAnnotation, match="image/"):
        list(viton_hd.read_items(tmp_path))
