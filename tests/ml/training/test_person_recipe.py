"""The person annotator's recipe on one drawn person, its weights file and its split."""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from ml.person.annotation import Atr, Joint
from ml.person.network import WEIGHTS, PersonNetwork, load, load_unfused, save
from ml.training.data import ccp
from ml.training.loop import Plan
from ml.training.person.evaluate import Case, evaluate, overlay, tables
from ml.training.person.predict import peaks, predict
from ml.training.person.recipe import Phase, Recipe, even_out, train
from ml.training.person.sources import Pool, Source
from tests import drawings

TINY = Recipe(
    plan=Plan(steps=3, rate=1e-3, save_minutes=99),
    phases=(Phase(1.0, (((64, 64), 1.0),), 2),),
    height=96,
)


@pytest.fixture(scope="module")
def source() -> Source:
    return Source(
        id="drawn",
        rgb=np.array(Image.open(io.BytesIO(drawings.person_photo())).convert("RGB")),
        parse=np.array(Image.open(io.BytesIO(drawings.person_parse()))),
        points=np.array(drawings.KEYPOINTS, np.float32),
        possible=np.ones(len(Atr), bool),
        box=(68.0, 16.0, 172.0, 310.0),
    )


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> PersonNetwork:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "random.safetensors"
    save(PersonNetwork(), path)
    return load(path)


def test_trains_and_resumes_on_drawn_data(source: Source, tmp_path: Path) -> None:
    pool = Pool([source], [source], [np.full((80, 80, 3), 128, np.uint8)])
    case = Case("drawn", source.rgb, source.parse, source.points)
    whole = train(TINY, pool, tmp_path / "whole", cases=[case])
    assert load(tmp_path / "whole" / "average.safetensors")
    train(TINY, pool, tmp_path / "broken", stop_after=1)
    resumed = train(TINY, pool, tmp_path / "broken", resume=True)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    started = train(TINY, pool, tmp_path / "more", init=tmp_path / "whole/average.safetensors")
    assert started.state_dict().keys() == whole.state_dict().keys()


def test_fusing_changes_no_answer(tmp_path: Path) -> None:
    torch.manual_seed(3)
    network = PersonNetwork().train()
    network(torch.randn(2, 3, 64, 64))  # batch statistics that are not the first ones
    save(network, tmp_path / "weights.safetensors")
    images = torch.randn(1, 3, 64, 96)
    with torch.inference_mode():
        fused = load(tmp_path / "weights.safetensors")(images)
        plain = load_unfused(tmp_path / "weights.safetensors").eval()(images)
    for one, other in zip(fused, plain, strict=True):
        assert torch.allclose(one, other, atol=1e-4)


def test_evening_out_lowers_the_classes_that_weighed_more() -> None:
    network = PersonNetwork().eval()
    images = torch.zeros(1, 3, 64, 64)
    with torch.inference_mode():
        before = network(images).parse
    even_out(network)
    with torch.inference_mode():
        change = (network(images).parse - before)[0]
    assert torch.allclose(change, change[:, :1, :1].expand_as(change), atol=1e-5)
    assert change[Atr.BACKGROUND, 0, 0] > 0 > change[Atr.BELT, 0, 0]


def test_shapes(network: PersonNetwork) -> None:
    out = network(torch.zeros(2, 3, 96, 64))
    assert out.parse.shape == (2, 18, 48, 32)
    assert out.heatmaps.shape == (2, 18, 24, 16)
    assert out.front.shape == (2, 1, 48, 32)
    assert out.presence.shape == (2, 5)
    assert sum(p.numel() for p in network.parameters()) <= 8_000_000


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"other.weight": torch.zeros(1)}, tmp_path / "wrong.safetensors")
    with pytest.raises(RuntimeError, match="does not fit"):
        load(tmp_path / "wrong.safetensors")


@pytest.mark.parametrize("shape", [(320, 240), (200, 333), (97, 61)])
def test_predicts_at_the_photos_size(network: PersonNetwork, shape: tuple[int, int]) -> None:
    rgb = np.random.default_rng(0).integers(0, 255, (*shape, 3), dtype=np.uint8)
    found = predict(network, rgb, flip=True, canvas=(96, 64))
    assert found.parse.shape == shape
    assert np.allclose(found.chances.sum(0), 1, atol=1e-3)
    assert found.points.shape == (18, 3)
    assert overlay(rgb, found).shape == rgb.shape


def test_mirror_image_averaging_is_symmetric(network: PersonNetwork, source: Source) -> None:
    """Averaged answers of a photo and of its mirror image are mirror images."""
    from ml.training.person.samples import SWAPPED_JOINTS, SWAPPED_PARSE

    rgb = source.rgb[:192, 24:216]  # fills the canvas, so that no padding changes sides
    one = predict(network, rgb, flip=True, canvas=(96, 96))
    other = predict(network, np.ascontiguousarray(rgb[:, ::-1]), flip=True, canvas=(96, 96))
    swapped = other.chances[SWAPPED_PARSE[:18]][:, :, ::-1]
    assert np.abs(one.chances - swapped).max() < 0.02
    assert np.allclose(one.points[:, 2], other.points[SWAPPED_JOINTS, 2], atol=0.02)


def test_peaks_are_found_between_pixels() -> None:
    ys, xs = np.mgrid[:30, :20]
    heat = np.exp(-((xs - 7.4) ** 2 + (ys - 11.7) ** 2) / 4.5)[None].astype(np.float32)
    x, y, height = peaks(heat)[0]
    assert x == pytest.approx(7.4 * 4 + 1.5, abs=0.6)
    assert y == pytest.approx(11.7 * 4 + 1.5, abs=0.6)
    assert height > 0.9


def test_figures_become_tables(network: PersonNetwork, source: Source) -> None:
    cases = [Case("drawn", source.rgb, source.parse, source.points)]
    figures = evaluate(network, cases, canvas=(96, 96)).figures
    text = tables(figures, figures, figures)
    assert "| pixel accuracy | 0.930 |" in text
    assert "left shoe" in text


def test_split_names_each_photo_once_and_keeps_duplicates_together() -> None:
    held = ccp.held_out()
    assert len(held) == 190
    for pair in ccp.NEAR_DUPLICATES:
        assert not held & set(pair)


def test_possible_classes_follow_the_tags(tmp_path: Path) -> None:
    def photo(*tags: str) -> ccp.Photo:
        points = np.zeros((18, 3), np.float32)
        return ccp.Photo(tmp_path, "1", tmp_path, points, False, frozenset(tags), False)

    possible = photo("hair", "skin", "jeans", "sneakers").possible()
    assert possible[[Atr.PANTS, Atr.LEFT_SHOE, Atr.HAIR, Atr.FACE, Atr.BACKGROUND]].all()
    assert not possible[[Atr.DRESS, Atr.SKIRT, Atr.BAG, Atr.HAT]].any()
    assert photo().possible().all()
    assert photo("hair", "skin").possible().all()


@pytest.mark.parametrize(
    ("begins", "tags", "wanted"),
    [
        (0.1, ("dress", "blouse"), Atr.DRESS),  # over the blouse, from the shoulders on
        (0.8, ("dress", "blouse"), Atr.SKIRT),
        (0.8, ("dress", "coat"), Atr.DRESS),  # nobody sees where it begins
        (0.8, ("romper", "blouse"), Atr.DRESS),
    ],
)
def test_a_dress_below_a_top_is_mended_to_a_skirt(
    tmp_path: Path, begins: float, tags: tuple[str, ...], wanted: Atr
) -> None:
    parse = np.full((100, 40), Atr.BACKGROUND, np.uint8)
    parse[20 + round(40 * begins) : 90, 10:30] = Atr.DRESS
    (tmp_path / "parse_atr").mkdir()
    Image.fromarray(parse).save(tmp_path / "parse_atr" / "1.png")
    points = np.zeros((18, 3), np.float32)
    points[Joint.NECK], points[[Joint.R_HIP, Joint.L_HIP]] = (20, 20, 1), (20, 60, 1)
    photo = ccp.Photo(tmp_path, "1", tmp_path, points, False, frozenset(tags), True)
    assert set(np.unique(photo.mended_parse())) == {Atr.BACKGROUND, wanted}
    assert (photo.parse() == parse).all()


@pytest.mark.skipif(ccp.DATASETS not in os.environ, reason=f"{ccp.DATASETS} is not set")
def test_manifest_is_what_the_seed_draws_and_half_is_labelled() -> None:
    found = ccp.photos(ccp.folder())
    drawn = ccp.split(found)
    assert {*drawn["validation_labelled"], *drawn["validation_tagged"]} == ccp.held_out()
    labelled = {photo.id for photo in found if photo.labelled}
    assert set(drawn["validation_labelled"]) <= labelled
    assert not set(drawn["validation_tagged"]) & labelled


@pytest.mark.skipif(not WEIGHTS.exists(), reason="no weights yet")
def test_shipped_weights_load_and_are_small() -> None:
    assert WEIGHTS.stat().st_size <= 16 * 2**20
    assert not load().training


@pytest.mark.skipif(not WEIGHTS.exists(), reason="no weights yet")
def test_shipped_weights_understand_a_drawn_person(source: Source) -> None:
    """A rough drawing, never trained on: most of it is told from its backdrop."""
    found = predict(load(), source.rgb)
    person = np.asarray(source.parse) != Atr.BACKGROUND
    both = (found.parse != Atr.BACKGROUND) & person
    assert both.sum() / ((found.parse != Atr.BACKGROUND) | person).sum() > 0.6
