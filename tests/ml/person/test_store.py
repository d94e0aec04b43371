"""Annotations survive the round trip through files, and broken files are named."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ml.errors import BadAnnotation
from ml.person import store
from ml.person.annotation import Atr, PersonAnnotation


def annotation(offset: float = 0.0) -> PersonAnnotation:
    parse = np.zeros((60, 40), np.uint8)
    parse[20:40, 10:30] = Atr.UPPER
    parse[5:15, 15:25] = Atr.FACE
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[:, 0] = np.arange(18) + 0.5 + offset
    keypoints[:, 1] = np.arange(18) * 2
    keypoints[:, 2] = 0.75
    return PersonAnnotation(parse=parse, keypoints=keypoints)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    store.write_folder(tmp_path, "anna", annotation())
    store.write_folder(tmp_path, "ann", annotation(offset=100.0))
    store.write_folder(tmp_path, "anna", annotation(offset=7.0))
    read = store.read_folder(tmp_path, "anna")
    assert np.array_equal(read.parse, annotation().parse)
    assert np.allclose(read.keypoints, annotation(offset=7.0).keypoints)
    assert store.read_folder(tmp_path, "ann").keypoints[0, 0] == pytest.approx(100.5)
    assert len((tmp_path / "keypoints.jsonl").read_text().splitlines()) == 2


def test_grey_png_is_read_as_indices() -> None:
    out = io.BytesIO()
    Image.fromarray(annotation().parse).save(out, "PNG")
    assert np.array_equal(store.parse_from_png(out.getvalue()), annotation().parse)


def test_missing_and_broken_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(BadAnnotation, match=r"parse_atr/nobody\.png"):
        store.read_folder(tmp_path, "nobody")
    store.write_folder(tmp_path, "anna", annotation())
    keypoints = tmp_path / "keypoints.jsonl"
    keypoints.write_text(json.dumps({"id": "other"}) + "\n")
    with pytest.raises(BadAnnotation, match="no line for anna"):
        store.read_folder(tmp_path, "anna")
    keypoints.write_text('{"id": "anna", "openpose18": [[1, 2, 3]]}\n')
    with pytest.raises(BadAnnotation, match="18"):
        store.read_folder(tmp_path, "anna")
    keypoints.write_text('{"id": "anna"\n')
    with pytest.raises(BadAnnotation, match="line 1 is not JSON"):
        store.read_folder(tmp_path, "anna")
    keypoints.unlink()
    with pytest.raises(BadAnnotation, match="keypoints"):
        store.read_folder(tmp_path, "anna")


def test_a_parse_must_hold_the_eighteen_classes() -> None:
    out = io.BytesIO()
    Image.fromarray(np.full((40, 40), 18, np.uint8)).save(out, "PNG")
    with pytest.raises(BadAnnotation, match="label 18"):
        store.parse_from_png(out.getvalue())
    with pytest.raises(BadAnnotation, match="PNG"):
        store.parse_from_png(b"not a picture")
    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, "PNG")
    with pytest.raises(BadAnnotation, match="RGB"):
        store.parse_from_png(out.getvalue())


@pytest.mark.datasets
@pytest.mark.skipif("OTBANG_DATASETS" not in os.environ, reason="OTBANG_DATASETS is not set")
def test_the_ccp_folder_is_read() -> None:
    folder = Path(os.environ["OTBANG_DATASETS"]) / "ccp"
    for photo_id in ("0001", "0500", "1000"):
        if not (folder / "parse_atr" / f"{photo_id}.png").exists():
            continue
        read = store.read_folder(folder, photo_id)
        assert (read.parse == Atr.FACE).any()
        assert read.keypoints[:, 2].max() > 0.5
