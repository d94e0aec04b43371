"""Importing drawn people from a folder of VITON-HD's kind."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from PIL import Image

from fittingroom import dispatch
from fittingroom.models import FittingModel
from ml.person.store import parse_from_png
from tests import drawings
from tests.factories import FittingModelFactory
from tests.ml.training.data.viton_folder import lip_labels, write_person

pytestmark = pytest.mark.django_db
State = FittingModel.State


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    taken: list[int] = []
    monkeypatch.setattr(dispatch, "send_fitting_models", lambda pks: taken.extend(pks) or len(pks))
    return taken


def person(folder: Path, name: str, tint: int = 0) -> None:
    """Somebody whose photo differs from the others' by the tint."""
    write_person(folder, name)
    with Image.open(io.BytesIO(drawings.person_photo())) as photo:
        tinted = photo.point(lambda value: min(255, value + tint))
    (folder / "image" / f"{name}.jpg").write_bytes(drawings.encode(tinted, "JPEG"))


def run(folder: Path, *options: Any) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("import_fitting_models", str(folder), *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_people_come_in_with_their_annotation(tmp_path: Path, sent: list[int]) -> None:
    person(tmp_path, "00001_00")
    (tmp_path / "image-densepose").mkdir()
    (tmp_path / "image-densepose" / "00001_00.jpg").write_bytes(drawings.person_photo())

    out, _err = run(tmp_path, "--gender", "women", "--height", "168")

    model = FittingModel.objects.get()
    assert (model.state, model.active, model.annotation_source) == (State.ACCEPTED, True, "given")
    assert (model.slug, model.gender, model.height_cm) == ("00001_00", "women", 168)
    assert (model.width, model.height) == drawings.PERSON_SIZE
    assert model.annotator == "viton-hd"
    assert model.keypoints == drawings.KEYPOINTS
    with model.parse.open() as file:
        kept = parse_from_png(file.read())
    assert (kept == parse_from_png(drawings.person_parse())).all()
    assert default_storage.size(model.densepose.name) == len(drawings.person_photo())
    assert model.thumbnail
    assert "1 accepted" in out
    assert "unknown" not in out
    assert sent == []


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    for number in range(3):
        person(tmp_path, f"p{number}", tint=number * 9)
    run(tmp_path)
    FittingModel.objects.filter(slug="p1").update(name_en="Anna", height_cm=181, active=False)
    before = list(FittingModel.objects.values())
    person(tmp_path, "the-same-under-another-name", tint=9)

    out, _err = run(tmp_path, "--height", "150")

    assert list(FittingModel.objects.values()) == before
    assert "0 accepted, 0 sent to the annotator, 4 there already, 0 skipped" in out


def test_who_lacks_an_annotation_is_sent_to_the_annotator(tmp_path: Path, sent: list[int]) -> None:
    person(tmp_path, "with")
    person(tmp_path, "without-parse", tint=5)
    person(tmp_path, "without-pose", tint=10)
    (tmp_path / "image-parse-v3" / "without-parse.png").unlink()
    (tmp_path / "openpose_json" / "without-pose_keypoints.json").unlink()

    out, _err = run(tmp_path)

    new = FittingModel.objects.filter(state=State.NEW, active=False, parse="")
    assert set(new.values_list("slug", flat=True)) == {"without-parse", "without-pose"}
    assert set(sent) == {model.pk for model in new}
    assert "1 accepted, 2 sent to the annotator" in out
    assert "170 cm was taken for each" in out


def test_what_is_broken_is_named_and_skipped(tmp_path: Path) -> None:
    person(tmp_path, "good")
    person(tmp_path, "bad-parse", tint=5)
    person(tmp_path, "bad-pose", tint=10)
    person(tmp_path, "bad-photo", tint=15)
    person(tmp_path, "nobody", tint=20)
    (tmp_path / "image-parse-v3" / "bad-parse.png").write_bytes(b"no picture")
    (tmp_path / "openpose_json" / "bad-pose_keypoints.json").write_text("{}")
    (tmp_path / "image" / "bad-photo.jpg").write_bytes(b"no picture")
    empty = Image.fromarray(np.zeros_like(lip_labels()))
    empty.save(tmp_path / "image-parse-v3" / "nobody.png")

    out, err = run(tmp_path)

    assert [model.slug for model in FittingModel.objects.all()] == ["good"]
    assert "1 accepted, 0 sent to the annotator, 0 there already, 4 skipped" in out
    for name in ("bad-parse", "bad-pose", "bad-photo", "nobody"):
        assert f"skipped {name}: " in err


def test_a_dry_run_only_tells(tmp_path: Path, sent: list[int]) -> None:
    person(tmp_path, "one")
    person(tmp_path, "two", tint=5)
    (tmp_path / "image-parse-v3" / "two.png").unlink()

    out, _err = run(tmp_path, "--dry-run")

    assert not FittingModel.objects.exists()
    assert "nothing was changed" in out
    assert "1 accepted, 1 sent to the annotator" in out
    assert sent == []


def test_limit_counts_new_people_and_inactive_hides_them(tmp_path: Path) -> None:
    FittingModelFactory(slug="p0")  # somebody else's
    for number in range(4):
        person(tmp_path, f"p{number}", tint=number * 9)

    run(tmp_path, "--limit", "1", "--inactive")
    run(tmp_path, "--limit", "2", "--inactive")

    imported = FittingModel.objects.exclude(source_hash="")
    assert [model.slug for model in imported] == ["p0-2", "p1", "p2"]
    assert not imported.filter(active=True).exists()
    assert [model.position for model in imported] == [1, 2, 3]


def test_a_huge_photo_takes_its_annotation_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shop.catalogue.pictures.KEPT_SIDE", 160)
    monkeypatch.setattr("shop.catalogue.pictures.MIN_SIDE", 100)
    person(tmp_path, "huge")

    run(tmp_path)

    model = FittingModel.objects.get()
    assert (model.width, model.height) == (120, 160)
    assert model.keypoints[2][:2] == [drawings.KEYPOINTS[2][0] / 2, drawings.KEYPOINTS[2][1] / 2]
    with model.parse.open() as file:
        assert parse_from_png(file.read()).shape == (160, 120)


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="has no folder image/"):
        run(tmp_path)
    with pytest.raises(CommandError, match="--height"):
        run(tmp_path, "--height", "20")
