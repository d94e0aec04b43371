"""Teaching the student: what lessons say, that they stay true when varied, and that it learns."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from ml.garment.annotation import Region
from ml.person.annotation import Atr
from ml.training import tryon_pairs
from ml.training.__main__ import main
from ml.training.card import BEGIN, END
from ml.training.data.pairs import Outfit, Pair, names
from ml.training.data.pairs import load as load_pair
from ml.training.data.pairs import save as save_pair
from ml.training.student import lessons, recipe, sources, teach
from ml.training.student.evaluate import figures, score, table
from ml.training.student.lessons import Lesson
from ml.training.student.losses import flow_losses
from ml.training.student.pairs import make as make_pairs
from ml.training.student.samples import Mix, collate, vary
from ml.training.swap import Swapper
from ml.tryon.student.engine import load as load_engine
from ml.tryon.student.network import Student, grown

SMALL = (128, 96)
DATASETS = os.environ.get("OTBANG_DATASETS")


def follow(lesson: Lesson) -> NDArray[np.float32]:
    """The garment looked up where the lesson says its cloth comes from."""
    height, width = lesson.mask.shape
    x = lesson.cloth[..., 0].astype(np.float32) / 255 * width - 0.5
    y = lesson.cloth[..., 1].astype(np.float32) / 255 * height - 0.5
    return cv2.remap(lesson.garment, x, y, cv2.INTER_LINEAR).astype(np.float32)


def apart(lesson: Lesson) -> float:
    """Median difference, in levels, between the cloth that is seen and the cloth looked up."""
    inside = cv2.erode(lesson.cloth[..., 2], np.ones((5, 5), np.uint8)) > 250
    assert inside.sum() > 200
    return float(np.median(np.abs(follow(lesson) - lesson.dressed)[inside]))


@pytest.fixture(scope="module")
def drawn() -> Lesson:
    """A square of cloth with smooth colours, put on somebody grey half as large."""
    height, width = 256, 192
    across, down = np.meshgrid(np.linspace(40, 220, width), np.linspace(220, 60, height))
    garment = np.dstack([across, down, np.full_like(across, 120)]).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[16:240, 12:180] = 255
    garment[mask == 0] = 255
    person = np.full((height, width, 3), 90, np.uint8)
    matrix = np.array([[0.5, 0.0, 40.0], [0.0, 0.5, 60.0]])
    cover = cv2.warpAffine(mask, matrix, (width, height))
    worn = cv2.warpAffine(garment, matrix, (width, height)).astype(np.float32)
    share = cover[..., None] / 255.0
    dressed = (worn * share + person * (1 - share)).astype(np.uint8)
    rows, columns = np.mgrid[0:height, 0:width]
    x = np.clip(((columns - 40.0) / 0.5 + 0.5) / width * 255, 0, 255)
    y = np.clip(((rows - 60.0) / 0.5 + 0.5) / height * 255, 0, 255)
    cloth = np.dstack([x, y, cover]).astype(np.uint8)
    return Lesson("drawn", person, garment, mask, dressed, cover, cloth, Region.UPPER, traced=True)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people of the studio's, one of each half, dressed by drape."""
    folder = tmp_path_factory.mktemp("lessons")
    who = teach.teacher("drape")
    for half in ("train", "held"):
        found = [sources.studio(half, who.engine)]
        teach.make(who, found, (0,), folder, half, teach.EACH)
    return folder


def test_a_lesson_tells_where_its_cloth_came_from(taught: Path) -> None:
    for lesson in lessons.load_all(taught, "train"):
        assert lesson.traced
        assert lesson.person.shape == (*lessons.STORED, 3)
        assert apart(lesson) < 25, lesson.about  # light and folds differ, the place does not
        cloth, edit = lesson.cloth[..., 2] > 127, lesson.edit > 127
        assert (cloth & ~edit).sum() < 0.02 * cloth.sum()
        same = np.abs(lesson.person.astype(int) - lesson.dressed)[lesson.edit == 0]
        assert np.percentile(same, 99) <= 12  # of WebP alone


def test_what_is_there_stays_and_the_seed_decides_the_rest(taught: Path, tmp_path: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in taught.glob("*/lesson.json")}
    who = teach.teacher("drape")
    found = [sources.studio("held", who.engine)]
    teach.make(who, found, (0,), taught, "held", teach.EACH)
    assert {path: path.stat().st_mtime_ns for path in taught.glob("*/lesson.json")} == before
    teach.make(who, found, (0,), tmp_path, "held", teach.EACH)
    for ours in sorted(tmp_path.glob("held-*")):
        again = lessons.load(taught / ours.name)
        assert (lessons.load(ours).dressed == again.dressed).all()


def test_halves_share_no_figure_and_no_product() -> None:
    engine = teach.teacher("drape").engine
    train, held = (sources.studio(half, engine) for half in ("train", "held"))
    assert len(held.people) == 3
    assert not set(train.people) & set(held.people)
    flat = [
        {path.stem for paths in each.wardrobe.photos.values() for path in paths}
        for each in (train, held)
    ]
    assert not flat[0] & flat[1]
    benchmark = {
        load_pair(tryon_pairs.PAIRS / name).about["garment"] for name in names(tryon_pairs.PAIRS)
    }
    assert not flat[0] & benchmark


@pytest.mark.skipif(not DATASETS, reason="OTBANG_DATASETS is not set")
def test_halves_of_the_street_share_nobody_and_nothing() -> None:
    engine = teach.teacher("drape").engine
    train, held = (sources.street(half, engine, Path(str(DATASETS))) for half in ("train", "held"))
    assert min(len(train.people), len(held.people)) > 50
    assert not set(train.people) & set(held.people)
    flat = [
        {path for paths in each.wardrobe.photos.values() for path in paths}
        for each in (train, held)
    ]
    assert not flat[0] & flat[1]


@pytest.mark.parametrize("seed", range(4))
def test_varied_lessons_stay_true(drawn: Lesson, seed: int) -> None:
    still = Mix(dyed=0.0, light=0.0)
    varied = vary(drawn, np.random.default_rng(seed), still)
    assert apart(drawn) < 4
    assert apart(varied) < 6
    assert (varied.person != drawn.person).any() or (varied.garment != drawn.garment).any()


def test_a_dyed_garment_is_worn_in_its_new_colour(drawn: Lesson) -> None:
    only = Mix(mirrored=0, dyed=1, moved=0, scale=(1, 1), turned=0, garment_scale=(1, 1),
               garment_turned=0, light=0)  # fmt: skip
    dyed = vary(drawn, np.random.default_rng(5), only)
    fabric = drawn.mask > 250
    assert np.abs(dyed.garment.astype(int) - drawn.garment)[fabric].mean() > 15
    assert apart(dyed) < 12
    bare = drawn.cloth[..., 2] == 0
    assert (dyed.dressed[bare] == drawn.dressed[bare]).all()


def test_it_learns(drawn: Lesson, tmp_path: Path) -> None:
    quick = recipe.with_plan(recipe.Recipe(), steps=40, rate=4e-3)
    quick = replace(quick, sizes=(SMALL, (256, 192)), samples=2, small=0.9,
                    mix=Mix(moved=0, scale=(1, 1), turned=0))  # fmt: skip
    fresh = Student((256, 192)).eval()
    network = recipe.train(quick, [drawn], tmp_path)
    batch = collate([drawn])

    def far(student: Student) -> float:
        seen = student.see_garment(batch.garment, batch.mask, batch.region)
        flow = student.flow(student.see_person(batch.person), seen)
        return float(flow_losses(flow, batch)["flow"].detach())

    assert far(network) < 0.8 * far(fresh)
    before = score(drawn, drawn.person)["colour"]
    found = figures(network, [drawn])["all"]["student"]
    assert np.isfinite(list(found.values())).all()
    assert found["colour"] < before


def test_a_grown_network_begins_where_the_small_one_ended() -> None:
    small = Student(SMALL).eval()
    chance = torch.Generator().manual_seed(0)
    for head in (small.layout.flow, small.refine_middle.change, small.refine_fine.change):
        torch.nn.init.normal_(head.weight, std=0.02, generator=chance)
    large = grown(small, (256, 192)).eval()
    random = torch.Generator().manual_seed(1)
    person, garment = torch.rand(2, 3, 256, 192, generator=random).chunk(2)
    mask, region = torch.ones(1, 1, 256, 192), torch.eye(4)[:1]

    def halved(picture: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.avg_pool2d(picture, 2)

    with torch.no_grad():
        one = small.flow(
            small.see_person(halved(person)),
            small.see_garment(halved(garment), halved(mask), region),
        )
        other = large.flow(large.see_person(person), large.see_garment(garment, mask, region))
        seen = torch.rand(1, 7, 256, 192, generator=random)
        people = small.see_person(halved(person)), large.see_person(person)
        told = small.painter(halved(seen), people[0], one), large.painter(seen, people[1], other)
    for mine, its in zip(one.grids, other.grids, strict=True):
        assert torch.allclose(mine, its, atol=1e-4)
    doubled = told[0].repeat_interleave(2, 2).repeat_interleave(2, 3)
    assert torch.allclose(doubled, told[1], atol=1e-3)


def test_the_teachers_own_picture_is_perfect_and_a_bare_repaint_is_not(drawn: Lesson) -> None:
    perfect = score(drawn, drawn.dressed)
    assert perfect["ssim"] == pytest.approx(1)
    assert perfect["colour"] == 0
    worse = score(drawn, drawn.person)
    assert worse["ssim"] < 1
    assert worse["colour"] > 5


def test_the_commands_go_from_lessons_to_an_engine(
    taught: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run, weights = tmp_path / "run", tmp_path / "run" / recipe.WEIGHTS
    train = ["student", "--lessons", str(taught), "--out", str(run), "--device", "cpu"]
    assert main([*train, "--steps", "2"]) == 0
    told = json.loads((run / "metrics.json").read_text())
    assert told["all"]["lessons"] == len(list(taught.glob("held-*/lesson.json")))
    assert told["all"]["unchanged"]["ssim"] > 0.5
    assert load_engine("cpu", run).network.size == (256, 192)

    first = torch.load(run / "large" / "checkpoint.pt", weights_only=True)["step"]
    assert main([*train, "--steps", "2", "--resume"]) == 0
    assert torch.load(run / "large" / "checkpoint.pt", weights_only=True)["step"] == first

    card = tmp_path / "card.md"
    card.write_text(f"# student\n{BEGIN}\n{END}\n")
    sheet = tmp_path / "sheet.png"
    capsys.readouterr()
    command = [*train, "--evaluate", str(weights), "--sheet", str(sheet), "--card", str(card)]
    assert main(command) == 0
    assert "| student |" in capsys.readouterr().out
    assert "mean colour" in card.read_text()
    assert cv2.imread(str(sheet)).shape[0] % 256 == 0


def test_nothing_to_learn_from_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["student", "--lessons", str(tmp_path), "--out", str(tmp_path / "run")]) == 2
    assert "holds no lessons" in capsys.readouterr().err


def test_a_table_has_a_row_per_group_and_picture(drawn: Lesson) -> None:
    found = figures(Student().eval(), [drawn])
    assert table(found).count("\n") == 1 + 2 * 3  # head, rule; all and upper, three pictures each


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Two pairs of one region as a shop exports them: nobody in anything else."""
    by_region: dict[str, list[str]] = {}
    for name in names(tryon_pairs.PAIRS):
        pair = load_pair(tryon_pairs.PAIRS / name)
        by_region.setdefault(f"{pair.garment_labels.region}{pair.label}", []).append(name)
    chosen = max(by_region.values(), key=len)[:2]
    assert len(chosen) == 2
    for name in chosen:
        pair = load_pair(tryon_pairs.PAIRS / name)
        given = {field: getattr(pair, field) for field in Outfit.__dataclass_fields__}
        save_pair(Outfit(**given), tmp_path / "shop" / name)
    return tmp_path / "shop"


def test_a_swap_puts_the_other_garment_on_and_changes_nothing_else(shop: Path) -> None:
    one, other = names(shop)
    outfit = load_pair(shop / one)
    assert not isinstance(outfit, Pair)
    swapped = Swapper.of("drape", shop).swap(outfit)
    assert swapped is not None
    assert swapped.other == other
    kept = ~swapped.changed
    assert (swapped.picture[kept] == outfit.worn[kept]).all()
    assert 0.02 < swapped.changed.mean() < 0.6
    shutil.rmtree(shop / other)
    assert Swapper.of("drape", shop).swap(outfit) is None


def test_a_shops_pairs_can_be_measured(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = list(tryon_pairs.complete(shop))
    assert [pair.name for pair in found] == names(shop)
    for pair in found:
        assert pair.about["swapped"] != pair.name
        assert (pair.person != pair.worn).any()
        assert (pair.person_labels.parse == Atr.BACKGROUND).any()
    assert main(["evaluate", "tryon-pairs", "--pairs", str(shop)]) == 0
    assert "all: mean colour" in capsys.readouterr().out


def test_a_merchants_pairs_fine_tune(shop: Path, tmp_path: Path) -> None:
    weights = tmp_path / "given.safetensors"
    from ml.tryon.student.network import save

    save(Student(SMALL), weights)
    folder = tmp_path / "lessons"
    assert make_pairs("drape", shop, folder) == 0
    found = lessons.load_all(folder, "pair")
    assert len(found) == 2
    for lesson in found:
        assert not lesson.traced
        outfit = load_pair(shop / str(lesson.about["garment"]))
        place = teach.of_photo(outfit.worn.shape)
        photo = place.seen(outfit.worn, lessons.STORED)
        # What is right is the photo itself, never the teacher.
        assert np.abs(lesson.dressed.astype(int) - photo).mean() < 3
        assert np.abs(lesson.person.astype(int) - photo).mean() > 3
    out = tmp_path / "tuned"
    command = ["student", "--lessons", str(folder), "--pairs", str(shop), "--out", str(out)]
    assert main([*command, "--init", str(weights), "--steps", "2", "--device", "cpu"]) == 0
    assert load_engine("cpu", out).network.size == SMALL
