"""The student as an engine: what it keeps sharp, what it refuses, which weights it takes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from ml.garment.annotation import GarmentAnnotation
from ml.person.annotation import PersonAnnotation
from ml.tryon.engine import Dressed, DressRequest, PreparedGarment, PreparedPerson, Refused
from ml.tryon.student.engine import StudentEngine, load
from ml.tryon.student.frames import of_photo
from ml.tryon.student.network import TOLD, Student, load_unfused, save
from ml.weights import BadCheckpoint
from tests.ml.tryon.mannequin import flat_top, flat_trousers, person

SOMEBODY = np.ones((18, 3), np.float32)


@pytest.fixture(scope="module")
def pasting() -> StudentEngine:
    """Lays the garment's frame over the photo's and shows all of it: no flow, no light."""
    network = Student()
    with torch.no_grad():
        network.painter.tell.weight.zero_()
        told = torch.zeros(TOLD, network.painter.patch**2)
        told[1:3] = 20.0  # shown, edit
        network.painter.tell.bias.copy_(told.flatten())
    return StudentEngine(network.eval())


def checked(size: int = 512) -> tuple[np.ndarray, GarmentAnnotation]:
    """A top whose cloth is a chess board of four-pixel squares."""
    photo, notes = flat_top()
    rows, columns = np.indices(photo.shape[:2]) // 4
    board = np.where((rows + columns) % 2, 255, 0).astype(np.uint8)
    return np.dstack([board] * 3), notes


def dressed(
    engine: StudentEngine, who: PreparedPerson, garment: PreparedGarment
) -> Dressed | Refused:
    return engine.dress([DressRequest(who, (garment,))])[0]


def test_a_print_is_as_sharp_as_the_garments_photo(pasting: StudentEngine) -> None:
    photo, notes = checked()
    drawn = person()
    who = pasting.prepare_person(drawn.photo, drawn.annotation())
    result = dressed(pasting, who, pasting.prepare_garment(photo, notes))
    assert isinstance(result, Dressed)
    middle = result.image[220:300, 160:230].astype(int)
    # Black and white next to each other: pictures of 192 x 256 would have made this grey.
    assert np.abs(np.diff(middle.mean(2), axis=1)).max() > 100
    assert (middle.mean(2) > 230).any()
    assert (middle.mean(2) < 25).any()


@pytest.mark.parametrize("size", [(300, 500), (500, 300), (401, 267)])
def test_photos_of_any_shape_keep_it(pasting: StudentEngine, size: tuple[int, int]) -> None:
    place = of_photo(size)
    assert place.height >= size[0]
    assert place.width >= size[1]
    assert place.width / place.height == pytest.approx(0.75, abs=0.01)
    rgb = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    labels = PersonAnnotation(np.ones(size, np.uint8), SOMEBODY)
    who = pasting.prepare_person(rgb, labels)
    result = dressed(pasting, who, pasting.prepare_garment(*flat_top()))
    assert isinstance(result, Dressed)
    assert result.image.shape == rgb.shape


def test_it_does_not_look_at_parse_or_joints(pasting: StudentEngine) -> None:
    drawn = person()
    notes = drawn.annotation()
    blank = PersonAnnotation(np.zeros_like(notes.parse), SOMEBODY)
    garment = pasting.prepare_garment(*flat_top())
    one = dressed(pasting, pasting.prepare_person(drawn.photo, notes), garment)
    other = dressed(pasting, pasting.prepare_person(drawn.photo, blank), garment)
    assert isinstance(one, Dressed)
    assert isinstance(other, Dressed)
    assert (one.image == other.image).all()


def test_an_outfit_is_refused(pasting: StudentEngine) -> None:
    drawn = person()
    who = pasting.prepare_person(drawn.photo, drawn.annotation())
    two = tuple(pasting.prepare_garment(*make()) for make in (flat_top, flat_trousers))
    (answer,) = pasting.dress([DressRequest(who, two)])
    assert isinstance(answer, Refused)
    assert answer.code == "not_supported"


@pytest.mark.parametrize("size", [(128, 96), (256, 192)])
def test_weights_tell_their_size(tmp_path: Path, size: tuple[int, int]) -> None:
    network = Student(size)
    save(network, tmp_path / "student.safetensors")
    assert load("cpu", tmp_path).network.size == size
    again = load_unfused(tmp_path / "student.safetensors")
    mine, its = network.state_dict(), again.state_dict()
    assert all(torch.allclose(mine[name], its[name], atol=2e-3) for name in mine)
    assert (tmp_path / "student.safetensors").stat().st_size < 16 * 2**20


def test_other_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "student.safetensors"
    save_file({"somebody.weight": torch.zeros(3)}, path)
    with pytest.raises(BadCheckpoint, match="no student"):
        load("cpu", tmp_path)
    state = {name: value for name, value in Student().state_dict().items() if "painter" not in name}
    save_file({name: value.contiguous() for name, value in state.items()}, path)
    with pytest.raises(BadCheckpoint, match="another kind"):
        load("cpu", tmp_path)
