"""Training the garment networks: scenes with exact masks, orders, files; with drawn garments."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from ml.garment import prior
from ml.garment.category import CATEGORIES, WEIGHTS
from ml.garment.networks import CategoryNetwork, MaskNetwork, load
from ml.images import encode
from ml.training.data import clothing
from ml.training.garment import category, cuts, mask, scenes
from ml.training.garment.order import cycle, export
from ml.training.loop import Plan, train
from tests.ml.garment.drawn import draw


def source(kind: str = "tee", label: int = 9) -> scenes.Source:
    drawn = draw(kind, height=200, width=150)
    return scenes.Source(drawn.rgb, drawn.mask > 0, label)


@pytest.mark.parametrize("seed", range(6))
def test_a_composed_scene_keeps_mask_and_label(seed: int) -> None:
    rng = np.random.default_rng(seed)
    ground = scenes.drawn_ground(96, rng)
    scene = scenes.composed(source(), ground, 96, rng)
    assert scene.rgb.shape == (96, 96, 3)
    assert scene.rgb.dtype == np.float32
    assert 0 <= scene.rgb.min() <= scene.rgb.max() <= 1
    assert 0.02 < scene.mask.mean() < 0.95
    assert scene.label == 9


def test_the_mask_lies_on_the_garment() -> None:
    red = source()
    hits = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        scene = scenes.varied_photo(red, 96, rng)
        redness = scene.rgb[:, :, 0] - scene.rgb[:, :, 1:].max(axis=2)
        if redness.max() > 0.25:  # else the picture was turned grey
            hits.append(((redness > 0.5 * redness.max()) == (scene.mask > 0.5)).mean())
    assert len(hits) > 6
    assert np.median(hits) > 0.95


def test_the_same_seed_gives_the_same_scene() -> None:
    one, two = (
        scenes.composed(
            source(),
            scenes.drawn_ground(64, np.random.default_rng(3)),
            64,
            np.random.default_rng(4),
        )
        for _ in range(2)
    )
    assert np.array_equal(one.rgb, two.rgb)
    assert np.array_equal(one.mask, two.mask)


def test_an_emptied_photo_shows_no_garment() -> None:
    empty = scenes.emptied(source())
    redness = empty[:, :, 0].astype(int) - empty[:, :, 1]
    assert (redness > 60).mean() < 0.01  # the garment is (170, 40, 50)


def test_every_photo_is_seen_once_an_epoch() -> None:
    order = cycle(10, 4, seed=3)
    seen = [index for step in range(5) for index in order(step)]
    assert sorted(seen[:10]) == sorted(seen[10:]) == list(range(10))
    assert seen[:10] != seen[10:]
    assert cycle(10, 4, seed=3)(2) == order(2)


def test_weights_survive_their_file(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = CategoryNetwork(len(CATEGORIES)).eval()
    export(network, tmp_path / "weights.safetensors")
    again = load(CategoryNetwork(len(CATEGORIES)), tmp_path / "weights.safetensors")
    x = torch.rand(1, 4, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(network(x), again(x), atol=0.02)
    assert (tmp_path / "weights.safetensors").stat().st_size < 16 * 2**20


def test_the_category_network_begins_with_the_mask_networks_eyes(tmp_path: Path) -> None:
    torch.manual_seed(1)
    seen = MaskNetwork(len(CATEGORIES))
    export(seen, tmp_path / "mask.safetensors")
    begun = category.network(category.Recipe(), tmp_path / "mask.safetensors")
    ours, theirs = begun.encoder.state_dict(), seen.encoder.state_dict()
    for name, tensor in theirs.items():
        if not name.endswith("num_batches_tracked"):
            mine = ours[name][:, :3] if name == "stem.0.weight" else ours[name]
            assert torch.allclose(mine, tensor, atol=2e-3), name


def test_one_step_of_each_network_changes_it(tmp_path: Path) -> None:
    sources = [source("tee", 9), source("trousers", 4)]
    kept = mask.Material(sources, sources, sources, [scenes.emptied(s) for s in sources])
    recipe = mask.Recipe(size=64, batch=4)
    network = mask.network(recipe)
    before = network.out.weight.clone()
    plan = Plan(1, 1e-2, workers=1, warm_up=0.0)
    train(network, plan, mask.part(recipe, kept), tmp_path / "mask")
    assert not torch.equal(before, network.out.weight)

    squares = np.random.default_rng(0).integers(0, 255, (6, 168, 168, 4)).astype(np.uint8)
    garments = category.Kept(squares, np.array([0, 1, 2, 3, 4, 5]))
    small = category.Recipe(batch=4, side=64, small_side=64)
    namer = category.network(small, None)
    first = namer.classify[1].weight.clone()
    train(namer, plan, category.part(small, garments), tmp_path / "category")
    assert not torch.equal(first, namer.classify[1].weight)


def test_figures_count_classes_and_groups() -> None:
    labels = np.array([CATEGORIES.index(name) for name in ("shirt", "t-shirt", "hat")])
    shares = np.full((3, len(CATEGORIES)), 0.01)
    for row, name in enumerate(("t-shirt", "t-shirt", "shoes")):
        shares[row, CATEGORIES.index(name)] = 0.9
    assert category.figures(shares, labels) == {
        "accuracy": pytest.approx(1 / 3),
        "right_groups": pytest.approx(2 / 3),
    }


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Two drawn photos per split in the data set's folders, one of them in the labelled test."""
    for split in ("train", "validation"):
        for label in CATEGORIES:
            (tmp_path / "clothing" / split / label).mkdir(parents=True)
        for kind, label in (("tee", "t-shirt"), ("trousers", "pants")):
            picture = encode(draw(kind, height=200, width=150).rgb, "png")
            (tmp_path / "clothing" / split / label / f"{kind}.png").write_bytes(picture)
    gold = tmp_path / "garment_gold"
    gold.mkdir()
    item = {
        "cls": "pants",
        "image": "images/pants_trousers.jpg",
        "mask": "masks/pants_trousers.png",
        "landmarks": {"crotch": [75, 90, 2]},
        "messy_background": False,
    }
    (gold / "landmarks.json").write_text(json.dumps({"items": {"pants_trousers": item}}))
    (gold / "splits.json").write_text(json.dumps({"train": [], "test": ["pants_trousers"]}))
    return tmp_path


def test_the_labelled_test_half_is_never_trained_on(photos: Path) -> None:
    assert [photo.key for photo in clothing.photos(photos, "train")] == ["train/t-shirt/tee"]
    held = {photo.key for photo in clothing.photos(photos, "validation")}
    assert held == {"validation/t-shirt/tee", "validation/pants/trousers"}


def test_masks_are_cut_once(photos: Path, tmp_path: Path) -> None:
    every = clothing.photos(photos, "train")
    known = cuts.cut_all(every, tmp_path / "masks")
    stamp = (tmp_path / "masks" / "train/t-shirt/tee.png").stat().st_mtime_ns
    assert cuts.cut_all(every, tmp_path / "masks") == known
    assert (tmp_path / "masks" / "train/t-shirt/tee.png").stat().st_mtime_ns == stamp


def test_the_category_learns_from_what_the_mask_network_cuts(photos: Path, tmp_path: Path) -> None:
    every = clothing.photos(photos, "train")
    kept = category.material(category.Recipe(), every, tmp_path / "outlines")
    cut = cuts.mask_of(tmp_path / "outlines", every[0].key)
    assert 0.02 < cut.mean() < 0.98
    assert kept.squares.shape == (1, 168, 168, 4)
    assert kept.labels.tolist() == [CATEGORIES.index("t-shirt")]


def test_the_category_goes_on_from_weights_of_its_own_or_of_the_masks() -> None:
    recipe = category.Recipe()
    fresh = category.network(recipe, None).state_dict()
    own = category.network(recipe, WEIGHTS).state_dict()
    stored = load_file(WEIGHTS)
    assert all(torch.equal(own[name], stored[name].float()) for name in stored if "num" not in name)
    begun = category.network(recipe, prior.WEIGHTS).state_dict()
    assert torch.equal(begun["classify.1.weight"], fresh["classify.1.weight"])
    assert not torch.equal(
        begun["encoder.last.first.0.weight"], fresh["encoder.last.first.0.weight"]
    )
