"""Flow-Style against numbers of the official code, and its fast path against the plain one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor

from ml.person.annotation import PersonAnnotation
from ml.tryon import filled, frame, reference
from ml.tryon.engine import Dressed, DressRequest, Refused
from ml.tryon.flow_style import engine, fast, pipeline
from ml.tryon.flow_style.gen import GenNet
from ml.tryon.flow_style.pipeline import Composite
from ml.tryon.flow_style.warp import WarpNet
from tests.ml.tryon.golden import DATA, Golden, keys
from tests.ml.tryon.mannequin import flat_top, person

HERE = DATA / "flow_style"
States = dict[str, dict[str, Tensor]]
BOTH = pytest.mark.parametrize(("corners", "ending"), [(False, ""), (True, "_ac1")])


@pytest.fixture(scope="module")
def states() -> States:
    return {name: filled.weights(keys(HERE / f"{name}_keys.json")) for name in ("warp", "gen")}


@pytest.fixture(scope="module")
def nets(states: States) -> Callable[[], tuple[WarpNet, GenNet]]:
    """New ones each time: the fast path changes what it is given."""

    def build() -> tuple[WarpNet, GenNet]:
        with torch.device("meta"):
            warp, gen = WarpNet().eval(), GenNet().eval()
        for net, name in ((warp, "warp"), (gen, "gen")):
            copies = {key: value.clone() for key, value in states[name].items()}
            net.load_state_dict(copies, assign=True)
        return warp, gen

    return build


@pytest.fixture(scope="module")
def quick(nets: Any) -> fast.Fast:
    return fast.Fast(*nets())


@pytest.fixture(scope="module")
def given() -> pipeline.Pictures:
    return pipeline.read(HERE / "pipeline" / "inputs")


@pytest.mark.parametrize("name", ["warp", "gen"])
def test_names_and_shapes_are_the_checkpoints(name: str) -> None:
    module = reference.build(f"flow_style/{name}")
    ours = [(k, tuple(t.shape), str(t.dtype)[6:]) for k, t in module.state_dict().items()]
    assert ours == keys(HERE / f"{name}_keys.json")


@pytest.mark.parametrize("name", ["warp", "gen"])
def test_each_network_gives_the_official_numbers(name: str, nets: Any) -> None:
    golden = Golden(HERE / f"{name}.npz")
    module = dict(zip(("warp", "gen"), nets(), strict=True))[name]
    outputs = reference.forward(f"flow_style/{name}", module, golden.inputs())
    wanted = {"warp": ["warped_cloth", "flow", "warped_cloth_ac1", "flow_ac1"], "gen": ["out"]}
    assert sorted(outputs) == sorted(wanted[name])
    assert {key: off for key in outputs if (off := golden.off(key, outputs[key])) > 1e-3} == {}


@pytest.fixture(scope="module")
def official(states: States) -> Callable[[bool], dict[str, Any]]:
    """The pipeline's outputs, made once per convention."""

    @cache
    def run(corners: bool) -> dict[str, Any]:
        return reference.run_pipeline("flow_style", HERE / "pipeline" / "inputs", states, corners)

    return run


@BOTH
def test_the_pipeline_gives_the_official_numbers(official: Any, corners: bool, ending: str) -> None:
    golden, found = Golden(HERE / "pipeline" / "golden.npz"), official(corners)
    assert set(found) == {name + end for name in Composite._fields for end in {"", ending}}
    for name in Composite._fields:
        assert golden.off(name + ending, found[name + ending]) < 1e-3, name


@BOTH
def test_the_fast_path_gives_the_plain_paths_numbers(
    official: Any, quick: fast.Fast, given: pipeline.Pictures, corners: bool, ending: str
) -> None:
    plain, ours = official(corners), quick.dress(given, align_corners=corners)
    for name, mine in zip(ours._fields, ours, strict=True):
        off = np.abs(mine.numpy() - plain[name]).max() / plain[name].std()
        assert off < 1e-3, name


def test_doubling_then_convolving_is_one_layer() -> None:
    conv = torch.nn.Conv2d(3, 5, 3, padding=1)
    x = torch.rand(2, 3, 4, 6)
    plain = conv(torch.nn.functional.interpolate(x, scale_factor=2, mode="nearest"))
    assert torch.allclose(fast.doubled(conv)(x), plain, atol=1e-6)


def test_features_kept_in_half_precision_change_no_level_of_the_picture(
    quick: fast.Fast, given: pipeline.Pictures
) -> None:
    exact = quick.dress(given).p_tryon
    people, cloths = quick.person(given.person), quick.cloth(given.cloth)
    kept = [{name: each.half() for name, each in some.items()} for some in (people, cloths)]
    again = quick.paint(given, quick.flow(*kept)).p_tryon
    assert float((again - exact).abs().max()) < 1 / 127.5


def test_convolutions_in_sixteen_bits_give_nearly_the_same_picture(
    nets: Any, official: Any, given: pipeline.Pictures
) -> None:
    """As on a GPU, where they are half precision; bfloat16 is coarser still."""
    rough = fast.Fast(*nets(), precision=torch.bfloat16).dress(given)
    assert rough.p_tryon.dtype == rough.flow.dtype == torch.float32
    assert np.abs(rough.p_tryon.numpy() - official(False)["p_tryon"]).mean() < 0.02


def test_pictures_of_another_size_are_refused() -> None:
    small = np.zeros((128, 96, 3), np.uint8)
    with pytest.raises(ValueError, match="192"):
        pipeline.pictures(small, small, small[..., 0])


@pytest.fixture(scope="module")
def loaded(quick: fast.Fast) -> engine.FlowStyle:
    return engine.FlowStyle(quick)


def larger(picture: Any, times: int, how: int = cv2.INTER_NEAREST) -> Any:
    return cv2.resize(picture, None, fx=times, fy=times, interpolation=how)


def test_a_training_picture_is_taken_whole() -> None:
    labels = person().annotation()
    parse = labels.parse[60:316, 96:288]  # 256 x 192, from the eyes to the thighs
    shifted = labels.keypoints - np.array([96, 60, 0], np.float32)
    near = PersonAnnotation(np.ascontiguousarray(parse), shifted)
    assert frame.of_person(near) == frame.Frame(0, 0, 256, 192)


def test_a_frame_reaches_beyond_its_photo_and_back() -> None:
    photo = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)
    place = frame.Frame(-5, 10, 60, 45)
    cut = place.cut(photo)
    assert cut.shape == (60, 45, 3)
    assert (place.placed(cut, photo) == photo).all()
    marked = place.placed(np.zeros_like(cut), photo)
    assert (marked[:, :10] == photo[:, :10]).all()
    assert not marked[:, 10:].any()


def test_the_garments_own_pixels_reach_the_picture(loaded: engine.FlowStyle) -> None:
    """Stripes too fine for 192 x 256 pixels are seen on a photo that has room for them."""
    drawn = person()
    labels = PersonAnnotation(
        larger(drawn.parse, 3), drawn.annotation().keypoints * np.array([3, 3, 1], np.float32)
    )
    wearer = loaded.prepare_person(larger(drawn.photo, 3), labels)
    photo, notes = flat_top()
    plain = larger(photo, 3)
    striped = plain.copy()
    striped[:, (np.arange(striped.shape[1]) // 3) % 2 == 0] //= 4
    notes = replace(notes, mask=larger(notes.mask, 3))
    garments = [loaded.prepare_garment(each, notes) for each in (plain, striped)]
    edges = []
    for result in loaded.dress([DressRequest(wearer, (garment,)) for garment in garments]):
        assert isinstance(result, Dressed)
        row = result.image[450, 530:630].astype(int)
        edges.append(np.abs(np.diff(row, axis=0)).mean())
    assert edges[1] > 4 * edges[0]


def test_two_tops_at_once_are_refused(loaded: engine.FlowStyle) -> None:
    drawn = person()
    wearer = loaded.prepare_person(drawn.photo, drawn.annotation())
    top = loaded.prepare_garment(*flat_top())
    (refused,) = loaded.dress([DressRequest(wearer, (top, top))])
    assert isinstance(refused, Refused)
    assert refused.code == "not_supported"
