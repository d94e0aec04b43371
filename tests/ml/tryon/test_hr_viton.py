"""HR-VITON against numbers of the official code, its quick path against the plain one, and in use.

Weights are drawn from their names (:mod:`ml.tryon.filled`), so pictures are noise of a known kind.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from ml import errors
from ml.tryon import filled, reference
from ml.tryon.engine import Dressed, DressRequest
from ml.tryon.hr_viton import engine, pipeline
from ml.tryon.hr_viton.engine import HrViton
from ml.tryon.hr_viton.reference import run_pipeline
from ml.tryon.published import densepose, generator
from ml.tryon.published.dressing import Dressing
from ml.tryon.published.generator_fast import FastGenerator
from ml.tryon.published.spectral import fold
from tests.ml.tryon.golden import DATA, Golden, keys
from tests.ml.tryon.mannequin import flat_top, person

HERE = DATA / "hr_viton"
NETWORKS = ("tocg", "gen")
OUTPUTS = {
    "tocg": [*(f"flow{i}" for i in range(5)), "seg", "warped_cloth", "warped_mask"],
    "gen": ["out"],
}
States = dict[str, dict[str, Tensor]]


@pytest.fixture(scope="module")
def states() -> States:
    return {name: filled.weights(keys(HERE / f"{name}_keys.json")) for name in NETWORKS}


@pytest.mark.parametrize("name", NETWORKS)
def test_names_and_shapes_are_the_checkpoints(name: str) -> None:
    with torch.device("meta"):
        module = reference.build(f"hr_viton/{name}")
    ours = [(k, tuple(t.shape), str(t.dtype)[6:]) for k, t in module.state_dict().items()]
    assert ours == keys(HERE / f"{name}_keys.json")


@pytest.mark.parametrize("name", NETWORKS)
def test_each_network_gives_the_official_numbers(name: str, states: States) -> None:
    golden = Golden(HERE / f"{name}.npz")
    with torch.device("meta"):
        module = reference.build(f"hr_viton/{name}", (384, 256))
    module.load_state_dict(states[name], assign=True)
    outputs = reference.forward(f"hr_viton/{name}", module, golden.inputs())
    assert sorted(outputs) == OUTPUTS[name]
    assert {key: off for key in outputs if (off := golden.off(key, outputs[key])) > 1e-3} == {}


def test_the_quick_generator_gives_the_official_numbers(states: States) -> None:
    golden = Golden(HERE / "gen.npz")
    quick = FastGenerator(fold(states["gen"]), generator.config((384, 256), masked=False))
    inputs = golden.inputs()
    made = quick(torch.from_numpy(inputs["x"]), torch.from_numpy(inputs["seg"]))
    assert golden.off("out", made.numpy()) < 1e-3


def test_sizes_that_the_generator_cannot_paint_are_refused() -> None:
    with pytest.raises(ValueError, match="multiples of 128, got 1000 x 768"):
        reference.build("hr_viton/gen", (1000, 768))


def test_the_whole_inference_gives_the_official_picture(states: States) -> None:
    """At 768 x 1024. Ties between classes fall either way, and change what is around them."""
    golden = Golden(HERE / "pipeline.npz")
    found = run_pipeline(DATA / "published" / "inputs", states, sooner=True)
    with Image.open(HERE / "fake_parse.png") as image:
        assert (found["fake_parse"] != np.array(image)).mean() < 5e-4
    flows = ("flow0", "flow1", "flow2", "flow4")
    for name in ("input1", "input2", *flows, "seg_composed", "tocg_warped_mask"):
        assert golden.off(name, found[name]) < 1e-3, name
    for name in ("warped_cloth", "warped_clothmask", "output"):
        for stored, ours in golden.parts(name, found[name]):
            away = np.abs(stored - ours)
            assert away.mean() < 1e-3, name
            assert (away > 0.01).mean() < 5e-3, name


def test_dresses_a_person_whose_densepose_is_known(states: States) -> None:
    dressing = Dressing(HrViton(pipeline.fast(states)))
    drawn = person()
    garment = dressing.prepare_garment(*flat_top())
    parts = (drawn.parse > 0).astype(np.uint8)
    known = dataclasses.replace(drawn.annotation(), densepose=densepose.draw(parts))
    wearer = dressing.prepare_person(drawn.photo, known)
    stages: list[str] = []
    (result,) = dressing.dress(
        [DressRequest(wearer, (garment,))], on_stage=lambda stage, took: stages.append(stage)
    )
    assert isinstance(result, Dressed)
    kept = result.edit_mask == 0
    assert (result.image[kept] == drawn.photo[kept]).all()
    assert 0.05 < (~kept).mean() < 0.5
    assert tuple(dict.fromkeys(stages)) == engine.STAGES


def test_nobody_is_dressed_without_densepose() -> None:
    drawn = person()

    class Untouched(HrViton):
        def __init__(self) -> None:
            pass

    with pytest.raises(errors.NotSupported, match="DensePose"):
        Dressing(Untouched()).prepare_person(drawn.photo, drawn.annotation())
