"""VITON-HD against numbers of the official code, its quick path against the plain one, and in use.

Weights are drawn from their names (:mod:`ml.tryon.filled`), so pictures are noise of a known kind.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from ml import errors
from ml.garment.annotation import Region
from ml.tryon import filled, reference
from ml.tryon.engine import Dressed, DressRequest, Refused
from ml.tryon.published import generator
from ml.tryon.published.dressing import Dressing
from ml.tryon.published.generator_fast import FastGenerator
from ml.tryon.published.spectral import fold
from ml.tryon.viton_hd import engine
from ml.tryon.viton_hd.engine import VitonHd
from ml.tryon.viton_hd.reference import run_pipeline
from tests.ml.tryon.golden import DATA, Golden, keys
from tests.ml.tryon.mannequin import flat_skirt, flat_top, person

HERE = DATA / "viton_hd"
NETWORKS = ("seg", "gmm", "alias")
States = dict[str, dict[str, Tensor]]


@pytest.fixture(scope="module")
def states() -> States:
    return {name: filled.weights(keys(HERE / f"{name}_keys.json")) for name in NETWORKS}


def noisy(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """With the random noise that filled weights leave out."""
    random = torch.Generator().manual_seed(4)
    return {
        key: torch.randn(value.shape, generator=random) if key.endswith("noise_scale") else value
        for key, value in state.items()
    }


@pytest.mark.parametrize("name", NETWORKS)
def test_names_and_shapes_are_the_checkpoints(name: str) -> None:
    with torch.device("meta"):
        module = reference.build(f"viton_hd/{name}")
    ours = [(k, tuple(t.shape), str(t.dtype)[6:]) for k, t in module.state_dict().items()]
    assert ours == keys(HERE / f"{name}_keys.json")


@pytest.mark.parametrize("name", NETWORKS)
def test_each_network_gives_the_official_numbers(name: str, states: States) -> None:
    golden = Golden(HERE / f"{name}.npz")
    with torch.device("meta"):
        module = reference.build(f"viton_hd/{name}", (384, 256) if name == "alias" else (1024, 768))
    module.load_state_dict(states[name], assign=True)
    outputs = reference.forward(f"viton_hd/{name}", module, golden.inputs())
    assert sorted(outputs) == (["grid", "theta"] if name == "gmm" else ["out"])
    assert {key: off for key in outputs if (off := golden.off(key, outputs[key])) > 1e-3} == {}


def divided(inputs: dict[str, np.ndarray]) -> list[Tensor]:
    x, seg, mask = (torch.from_numpy(inputs[name]) for name in ("x", "seg", "mask"))
    misalign = mask * seg[:, 2:3]
    return [
        x,
        seg,
        torch.cat([seg[:, :2], seg[:, 2:3] - misalign, seg[:, 3:], misalign], 1),
        misalign,
    ]


def test_the_quick_generator_gives_the_official_numbers(states: States) -> None:
    golden = Golden(HERE / "alias.npz")
    quick = FastGenerator(fold(states["alias"]), generator.config((384, 256), masked=True))
    assert golden.off("out", quick(*divided(golden.inputs())).numpy()) < 1e-3


@pytest.mark.parametrize("masks", ["blocks", "none", "fractions"])
def test_the_quick_generator_equals_the_plain_one_with_noise(states: States, masks: str) -> None:
    """A batch of two; where the mask is empty its norm must not divide by nothing."""
    state, size = noisy(states["alias"]), (256, 128)
    with torch.device("meta"):
        plain = generator.build(size, masked=True)
    plain.load_state_dict(state, assign=True)
    quick = FastGenerator(fold(state), generator.config(size, masked=True))
    shapes = {"x": (9, "image"), "seg": (7, "onehot"), "mask": (1, "mask")}
    inputs = {n: filled.picture(n, (2, c, *size), kind) for n, (c, kind) in shapes.items()}
    inputs["mask"] *= {"blocks": 1.0, "none": 0.0, "fractions": 0.37}[masks]
    with torch.inference_mode():
        made, wanted = (
            each(*divided(inputs), noise=generator.noise_of(torch.Generator().manual_seed(5)))
            for each in (quick, plain)
        )
        silent = quick(*divided(inputs))
    assert float((made - wanted).abs().max()) < 1e-4
    assert float((made - silent).abs().max()) > 0.05


def test_half_precision_changes_little(states: States) -> None:
    """What a GPU computes in; here with the CPU's bfloat16, which is coarser than float16."""
    golden = Golden(HERE / "alias.npz")
    settings = generator.config((384, 256), masked=True)
    rough = FastGenerator(fold(states["alias"]), settings, dtype=torch.bfloat16)
    made = rough(*divided(golden.inputs()))
    assert made.dtype == torch.float32
    for stored, ours in golden.parts("out", made.numpy()):
        assert float(np.abs(stored - ours).mean()) < 0.02


def test_the_whole_inference_gives_the_official_picture(states: States) -> None:
    """At 768 x 1024. Ties between classes fall either way, and change what is around them."""
    golden = Golden(HERE / "pipeline.npz")
    found = run_pipeline(DATA / "published" / "inputs", states, sooner=True)
    with Image.open(HERE / "parse_pred.png") as image:
        assert (found["parse_pred"] != np.array(image)).mean() < 5e-4
    for name in ("seg_input", "gmm_input", "theta", "warped_grid", "parse_pred_down"):
        assert golden.off(name, found[name]) < 1e-3, name
    for name in ("warped_c", "warped_cm", "misalign_mask", "output"):
        for stored, ours in golden.parts(name, found[name]):
            away = np.abs(stored - ours)
            assert away.mean() < 1e-3, name
            assert (away > 0.01).mean() < 5e-3, name


def test_dresses_a_person_from_installed_files(states: States, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    for name, state in states.items():
        save_file(
            {k: v.contiguous() for k, v in fold(state).items()}, tmp_path / f"{name}.safetensors"
        )
    loaded = engine.load("cpu", tmp_path)
    drawn = person()
    wearer = loaded.prepare_person(drawn.photo, drawn.annotation())
    garment = loaded.prepare_garment(*flat_top())
    stages: list[str] = []
    (result,) = loaded.dress(
        [DressRequest(wearer, (garment,))], on_stage=lambda stage, took: stages.append(stage)
    )
    assert isinstance(result, Dressed)
    assert result.image.shape == drawn.photo.shape
    kept = result.edit_mask == 0
    assert (result.image[kept] == drawn.photo[kept]).all()
    assert (result.image[result.edit_mask == 255] != drawn.photo[result.edit_mask == 255]).any()
    assert 0.05 < (~kept).mean() < 0.5
    assert tuple(dict.fromkeys(stages)) == engine.STAGES


# --- what does not need the networks -----------------------------------------------------------


class Painter(VitonHd):
    """Stands in for the three networks: one colour, and labels as they were."""

    def __init__(self) -> None:
        self.seeds: list[int] = []

    def run(self, people: Any, garments: Any, *, seed: int, on_stage: Any) -> tuple[Tensor, Tensor]:
        self.seeds.append(seed)
        before = np.stack([person["before"] for person in people])
        return torch.full((len(people), 3, 1024, 768), 0.5), torch.from_numpy(before)


@pytest.fixture
def dressing() -> Dressing:
    return Dressing(Painter())


def test_only_what_the_generator_could_not_see_is_replaced(dressing: Dressing) -> None:
    drawn = person()
    wearer = dressing.prepare_person(drawn.photo, drawn.annotation())
    garment = dressing.prepare_garment(*flat_top())
    one, refused = dressing.dress(
        [
            DressRequest(wearer, (garment,)),
            DressRequest(wearer, (dressing.prepare_garment(*flat_skirt()),)),
        ],
        seed=7,
    )
    assert isinstance(one, Dressed)
    assert isinstance(refused, Refused)
    assert refused.code == errors.NotSupported.code
    assert dressing.networks.seeds == [7]  # type: ignore[attr-defined]
    assert (one.image[one.edit_mask == 255] == 191).all()
    head = drawn.parse == 11
    head[84:] = False  # above the chin
    assert (one.image[head] == drawn.photo[head]).all()
    assert (one.image[400:] == drawn.photo[400:]).all()


def test_two_at_once_are_one_pass_and_each_gets_its_own(dressing: Dressing) -> None:
    drawn = person()
    wearer = dressing.prepare_person(drawn.photo, drawn.annotation())
    darker = dressing.prepare_person(drawn.photo // 2, drawn.annotation())
    garment = dressing.prepare_garment(*flat_top())
    one, other = dressing.dress([DressRequest(who, (garment,)) for who in (wearer, darker)])
    assert isinstance(one, Dressed)
    assert isinstance(other, Dressed)
    assert len(dressing.networks.seeds) == 1  # type: ignore[attr-defined]
    for result, photo in ((one, drawn.photo), (other, drawn.photo // 2)):
        kept = result.edit_mask == 0
        assert (result.image[kept] == photo[kept]).all()


def test_a_garment_lies_on_white_whatever_its_photo_shows(dressing: Dressing) -> None:
    photo, annotation = flat_top()
    photo = photo.copy()
    photo[annotation.mask == 0] = (200, 30, 30)
    tensors = dressing.prepare_garment(photo, annotation).tensors
    assert tensors["picture"].shape == (1024, 768, 3)
    assert (tensors["picture"][:40] == 255).all()
    assert 0.2 < tensors["mask"].mean() < 0.8


def test_what_is_given_must_fit(dressing: Dressing) -> None:
    drawn = person()
    with pytest.raises(errors.BadAnnotation):
        dressing.prepare_person(drawn.photo[:-1], drawn.annotation())
    cut = drawn.annotation()
    cut.keypoints[:, 2] = 0
    with pytest.raises(errors.NoPerson):
        dressing.prepare_person(drawn.photo, cut)
    photo, annotation = flat_top()
    assert annotation.region == Region.UPPER
    with pytest.raises(errors.BadAnnotation):
        dressing.prepare_garment(photo[:, 1:], annotation)
