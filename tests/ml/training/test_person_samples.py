"""Augmentation on the drawn person: picture, parse and joints move together."""

from __future__ import annotations

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image

from ml.person.annotation import Atr, Joint
from ml.person.network import FACING_BACK, FACING_FRONT
from ml.training.person import samples
from ml.training.person.batch import collate
from ml.training.person.samples import SWAPPED_JOINTS, SWAPPED_PARSE, Mix
from ml.training.person.sources import UNKNOWN, Pool, Source, shrink
from tests import drawings

SHAPE = (192, 128)
PLAIN = Mix(*[0] * 11)
#: Joints whose place on the drawn body carries a label of their own side.
ON_LABEL = {
    Joint.R_ELBOW: Atr.RIGHT_ARM,
    Joint.L_ELBOW: Atr.LEFT_ARM,
    Joint.NOSE: Atr.FACE,
    Joint.R_ANKLE: Atr.RIGHT_LEG,
    Joint.L_ANKLE: Atr.LEFT_LEG,
}


@pytest.fixture(scope="module")
def source() -> Source:
    rgb = np.array(Image.open(io.BytesIO(drawings.person_photo())).convert("RGB"))
    parse = np.array(Image.open(io.BytesIO(drawings.person_parse())))
    return Source(
        id="drawn",
        rgb=rgb,
        parse=parse,
        points=np.array(drawings.KEYPOINTS, np.float32),
        possible=np.ones(len(Atr), bool),
        box=(68.0, 16.0, 172.0, 310.0),
    )


@pytest.fixture(scope="module")
def pool(source: Source) -> Pool:
    rooms = [np.full((90, 120, 3), 200, np.uint8)]
    unlabelled = Source("tagged", source.rgb, None, source.points, source.possible, source.box)
    return Pool([source], [unlabelled], rooms)


def _made(pool: Pool, mix: Mix, count: int = 40) -> list[samples.Sample]:
    return [
        samples.make(pool, SHAPE, np.random.default_rng((7, index)), mix) for index in range(count)
    ]


def test_joints_stay_on_their_labels(pool: Pool) -> None:
    hits = tried = 0
    for sample in _made(pool, PLAIN):
        assert sample.rgb.shape == (*SHAPE, 3)
        assert sample.parse.shape == sample.front.shape == (SHAPE[0] // 2, SHAPE[1] // 2)
        for joint, label in ON_LABEL.items():
            x, y = (sample.points[joint, :2] / 2).round().astype(int)
            if 2 <= x < SHAPE[1] // 2 - 2 and 2 <= y < SHAPE[0] // 2 - 2:
                tried += 1
                hits += int((sample.parse[y - 1 : y + 2, x - 1 : x + 2] == label).any())
    assert tried > 80
    assert hits / tried > 0.97


def test_picture_and_parse_stay_together(pool: Pool) -> None:
    """The drawn trousers are blue, whatever was done to the camera, and so is their label."""
    for sample in _made(pool, PLAIN, 12):
        trousers = cv2.erode((sample.parse == Atr.PANTS).astype(np.uint8), np.ones((3, 3))) > 0
        beside = cv2.dilate((sample.parse != Atr.BACKGROUND).astype(np.uint8), np.ones((5, 5))) == 0
        if trousers.sum() > 30 and beside.sum() > 30:
            small = sample.rgb[::2, ::2].astype(float).mean(2)
            assert small[trousers].mean() < small[beside].mean()


def test_mirror_twice_is_the_same(source: Source) -> None:
    assert source.parse is not None
    scene = samples._Scene(source.rgb, source.parse, source.points.copy(), source.possible)
    once = samples.mirrored(scene)
    assert once.points[Joint.R_WRIST, 0] < once.points[Joint.L_WRIST, 0]
    assert once.parse is not None
    x, y = once.points[Joint.R_ELBOW, :2].astype(int)
    assert once.parse[y, x] == Atr.RIGHT_ARM
    twice = samples.mirrored(once)
    assert np.array_equal(twice.rgb, source.rgb)
    assert np.array_equal(np.asarray(twice.parse), source.parse)
    assert np.allclose(twice.points, source.points)


def test_swaps_are_their_own_inverse() -> None:
    assert np.array_equal(SWAPPED_PARSE[SWAPPED_PARSE], np.arange(256))
    assert np.array_equal(SWAPPED_JOINTS[SWAPPED_JOINTS], np.arange(18))
    for joint in Joint:
        if joint.name.startswith("R_"):
            assert Joint(SWAPPED_JOINTS[joint]).name == "L_" + joint.name[2:]


def test_the_same_seed_makes_the_same_sample(pool: Pool) -> None:
    first, second = _made(pool, Mix(), 6), _made(pool, Mix(), 6)
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.rgb, other.rgb)
        assert np.array_equal(one.parse, other.parse)


def test_everything_at_once_stays_valid(pool: Pool) -> None:
    always = Mix(
        tagged=0.3, pair=0.1, nobody=0.1, back=0.3, backdrop=0.9,
        recolour=0.9, skin=0.9, hair=0.9, phone=0.5, cutout=0.5,
    )  # fmt: skip
    for sample in _made(pool, always, 60):
        assert set(np.unique(sample.parse)) <= {*range(18), UNKNOWN}
        assert set(np.unique(sample.front)) <= {0, 1, UNKNOWN}
        assert np.isfinite(sample.points).all()


def test_nobody(pool: Pool) -> None:
    for sample in _made(pool, Mix(nobody=1.0), 8):
        assert sample.people == 0
        assert (sample.parse == Atr.BACKGROUND).all()
    batch = collate(_made(pool, Mix(nobody=1.0), 2))
    assert batch.absent.all()


def test_two_people_give_no_joints(pool: Pool) -> None:
    for sample in _made(pool, Mix(nobody=0, pair=1.0), 8):
        assert sample.people == 2
        assert (sample.points[:, 2] == 0).all()
        halves = sample.parse[:, : SHAPE[1] // 4], sample.parse[:, SHAPE[1] // 4 :]
        assert all((half == Atr.FACE).any() for half in halves)


def test_from_behind_has_no_face_and_left_is_left(pool: Pool) -> None:
    backs = [s for s in _made(pool, replace(PLAIN, back=1.0), 40)
             if s.facing == FACING_BACK]  # fmt: skip
    assert backs
    for sample in backs:
        assert sample.hidden[Joint.NOSE]
        if sample.points[Joint.NECK, 2] > 0:
            assert sample.points[Joint.L_SHOULDER, 0] < sample.points[Joint.R_SHOULDER, 0]


def test_tagged_photos_teach_joints_but_no_labels(pool: Pool) -> None:
    tagged = _made(pool, Mix(tagged=1.0, pair=0, nobody=0, phone=0), 8)
    assert all((sample.parse == UNKNOWN).all() for sample in tagged)
    assert any(sample.facing == FACING_FRONT for sample in tagged)


def test_joints_outside_the_picture_are_absent(pool: Pool) -> None:
    batch = collate(_made(pool, PLAIN))
    outside = (batch.points[..., :2] < -0.5).any(-1)
    assert outside.any()
    assert batch.absent[outside].all()
    inside = (batch.points[..., 0] > 0) & (batch.points[..., 0] < SHAPE[1] / 4 - 1)
    inside &= (batch.points[..., 1] > 0) & (batch.points[..., 1] < SHAPE[0] / 4 - 1)
    assert not batch.absent[inside].any()


def test_hair_and_arms_before_the_torso_are_in_front(source: Source) -> None:
    parse = np.asarray(source.parse)[::2, ::2].copy()
    assert not samples._in_front(parse, source.points)[60:75, 50:70].any()
    parse[60:70, 50:60] = Atr.RIGHT_ARM
    front = samples._in_front(parse, source.points)
    assert front[60:70, 50:60].all()
    parse[100:110, 50:60] = Atr.HAIR  # below the hips
    assert not samples._in_front(parse, source.points)[100:110, 50:60].any()


def test_photos_with_rare_garments_are_drawn_more_often(source: Source) -> None:
    skirt = np.asarray(source.parse).copy()
    skirt[skirt == Atr.PANTS] = Atr.SKIRT
    rare = Source("rare", source.rgb, skirt, source.points, source.possible, source.box)
    shares = Pool([source, rare]).shares
    assert shares.sum() == pytest.approx(1)
    assert shares[1] == pytest.approx(1.5 * shares[0])


def test_shrinking_keeps_joints_on_the_body(source: Source) -> None:
    small = shrink(source, 160)
    assert small.rgb.shape == (160, 120, 3)
    assert small.parse is not None
    x, y = small.points[Joint.L_ELBOW, :2].astype(int)
    assert small.parse[y, x] == Atr.LEFT_ARM
    assert shrink(source, 999) is source


def test_labels_say_which_classes_occur(pool: Pool) -> None:
    for sample in _made(pool, PLAIN, 20):
        shown = set(np.unique(sample.parse).tolist())
        for label in Atr:
            assert sample.kinds[label] in ((-1, 1) if label in shown else (0,))


def test_tags_say_which_garments_occur_where_the_whole_person_is_seen(pool: Pool) -> None:
    possible = np.ones(len(Atr), bool)
    possible[[Atr.SKIRT, Atr.HAT]] = False
    (drawn,) = pool.tagged
    tagged = replace(drawn, possible=possible)
    seen = set()
    for sample in _made(Pool(pool.labelled, [tagged]), replace(PLAIN, tagged=1.0)):
        assert sample.kinds[Atr.SKIRT] == sample.kinds[Atr.HAT] == 0
        assert sample.kinds[Atr.HAIR] == -1, "tags name garments alone"
        seen.add(int(sample.kinds[Atr.PANTS]))
    assert seen == {1, -1}, "present in whole figures, unknown in crops"


def test_untagged_photos_say_nothing_of_classes(pool: Pool) -> None:
    for sample in _made(pool, replace(PLAIN, tagged=1.0), 5):
        assert (sample.kinds == -1).all()
