"""What VITON-HD and HR-VITON share: exact pictures without clothes, labels, and the quick paths."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from ml.errors import BadAnnotation, CutOff
from ml.person.annotation import Atr, Joint, PersonAnnotation
from ml.tryon.published import agnostic, densepose, inputs, parsing, patches, pose, repaint
from ml.tryon.published.classes import LIP_TO_13, THIRTEEN_TO_7, Class13, Lip, lip_from_atr
from ml.tryon.published.pose import Body25
from ml.tryon.published.spectral import SpectralConv2d, fold
from tests.ml.tryon.golden import DATA

INPUTS = DATA / "published" / "inputs"
JOINTS = {"": INPUTS / "keypoints.json", "_missing": DATA / "published/missing/keypoints.json"}


def stored(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.array(image)


@pytest.mark.parametrize("case", JOINTS)
def test_pictures_and_parses_without_clothes_are_the_official_ones(case: str) -> None:
    """The second case misses a wrist and an elbow."""
    given = inputs.read_person(INPUTS)
    joints = pose.read(JOINTS[case])
    parse = agnostic.parse_without_clothes(given.parse, joints)
    found = {
        f"viton_hd/parse_agnostic{case}": LIP_TO_13[parse],
        f"viton_hd/img_agnostic{case}": agnostic.viton_hd_picture(
            given.picture, given.parse, joints
        ),
        f"hr_viton/parse_agnostic_lip{case}": parse,
        f"hr_viton/agnostic{case}": agnostic.hr_viton_picture(given.picture, given.parse, joints),
    }
    off = {name: int((made != stored(DATA / f"{name}.png")).sum()) for name, made in found.items()}
    assert set(off.values()) == {0}, off


def test_nothing_is_drawn_for_a_person_without_a_trunk() -> None:
    joints = pose.read(INPUTS / "keypoints.json")
    joints[Body25.L_HIP] = 0
    with pytest.raises(CutOff):
        agnostic.require_trunk(joints)


def test_pictures_of_another_size_are_brought_to_ours(tmp_path: Path) -> None:
    shutil.copytree(INPUTS, tmp_path / "in")
    for name in ("image.png", "parse.png", "cloth_mask.png"):
        with Image.open(INPUTS / name) as image:
            image.resize((1536, 2048), Image.Resampling.NEAREST).save(tmp_path / "in" / name)
    given = inputs.read_person(tmp_path / "in")
    assert given.picture.shape == (1024, 768, 3)
    assert (given.parse == inputs.read_person(INPUTS).parse).all()
    assert set(np.unique(inputs.read_garment(tmp_path / "in").mask)) == {0, 1}
    with Image.open(INPUTS / "image.png") as image:
        image.resize((768, 900)).save(tmp_path / "in" / "image.png")
    with pytest.raises(BadAnnotation, match="768 x 900"):
        inputs.read_person(tmp_path / "in")


def test_the_lists_of_classes_fit_each_other() -> None:
    by_name = {lip: Class13(LIP_TO_13[lip]).name for lip in Lip}
    same = (Lip.BACKGROUND, Lip.HAIR, Lip.FACE, Lip.UPPER, Lip.LEFT_ARM, Lip.RIGHT_SHOE, Lip.SOCKS)
    assert all(by_name[lip] == lip.name for lip in same)
    assert by_name[Lip.NECK] == "BACKGROUND"
    assert by_name[Lip.SKIRT] == by_name[Lip.PANTS] == "BOTTOM"
    assert THIRTEEN_TO_7[[0, 3, 1, 5, 6, 12]].tolist() == [0, 2, 3, 4, 5, 6]
    assert (np.delete(THIRTEEN_TO_7, [0, 3, 1, 5, 6, 12]) == 1).all()


def test_our_labels_become_theirs() -> None:
    parse = np.zeros((100, 60), np.uint8)
    parse[10:50, 20:40] = Atr.FACE  # face, neck and chest in one
    parse[50:70, 15:45] = Atr.UPPER
    parse[70:74, 15:45] = Atr.BELT
    parse[74:, 15:45] = Atr.SKIRT
    keypoints = np.zeros((18, 3), np.float32)
    keypoints[Joint.NOSE], keypoints[Joint.NECK] = (30, 20, 1), (30, 48, 1)
    lip = lip_from_atr(PersonAnnotation(parse, keypoints))
    assert (lip[10:24, 20:40] == Lip.FACE).all()
    assert (lip[42:50, 20:40] == Lip.NECK).all()
    assert lip[31, 30] == Lip.FACE  # the chin
    assert lip[31, 20] == Lip.NECK  # beside it
    assert (lip[50:70, 15:45] == Lip.UPPER).all()
    assert (lip[70:, 15:45] == Lip.SKIRT).all()  # the belt is the skirt's


def test_joints_are_put_into_openposes_order() -> None:
    keypoints = np.zeros((18, 3), np.float32)
    for joint in Joint:
        keypoints[joint] = (10 * joint + 5, 7, 1)
    keypoints[Joint.L_KNEE, 2] = 0
    joints = pose.from_coco(keypoints)
    assert joints.shape == (25, 2)
    assert joints[Body25.R_HIP, 0] == 85
    assert joints[Body25.L_EAR, 0] == 175
    assert joints[Body25.MID_HIP, 0] == (85 + 115) / 2
    assert not joints[Body25.L_KNEE].any()
    assert not joints[19:].any()


def test_the_skeletons_picture_shows_the_known_joints_only() -> None:
    joints = pose.read(INPUTS / "keypoints.json")
    picture = pose.draw(joints)
    assert picture.shape == (1024, 768, 3)
    x, y = joints[Body25.R_WRIST].astype(int)
    assert picture[y, x].tolist() == [153, 153, 0]
    joints[Body25.R_WRIST] = 0
    assert not pose.draw(joints)[y, x].any()
    assert not pose.draw(np.zeros((25, 2))).any()


@pytest.mark.parametrize(
    "text", ["{", '{"people": []}', '{"people": [{"pose_keypoints_2d": [1]}]}']
)
def test_a_file_that_is_no_pose_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "keypoints.json").write_text(text)
    with pytest.raises(BadAnnotation):
        pose.read(tmp_path / "keypoints.json")


def test_each_part_of_the_body_has_its_colour() -> None:
    picture = densepose.draw(np.arange(25, dtype=np.uint8)[None])
    assert not picture[0, 0].any()
    assert len(np.unique(picture[0], axis=0)) == 25
    with pytest.raises(ValueError, match="0 to 24"):
        densepose.draw(np.full((2, 2), 25, np.uint8))


def test_enlarging_and_smoothing_at_once_is_the_same() -> None:
    maps = torch.rand(2, 5, 32, 24, generator=torch.Generator().manual_seed(1))
    plain = parsing.smooth_plain(maps, (128, 96))
    assert torch.allclose(parsing.smooth(maps, (128, 96)), plain, atol=2e-6)
    assert (parsing.highest(plain) == parsing.highest_plain(plain)).all()


def test_a_folded_weight_convolves_as_the_normalised_one() -> None:
    conv = SpectralConv2d(5, 7, 3)
    random = torch.Generator().manual_seed(2)
    state = {k: torch.rand(v.shape, generator=random) for k, v in conv.state_dict().items()}
    conv.load_state_dict(state)
    folded = fold({f"up.{key}": value for key, value in state.items()})
    assert set(folded) == {"up.weight", "up.bias"}
    assert fold(folded).keys() == folded.keys()
    x = torch.rand(1, 5, 9, 8, generator=random)
    made = F.conv2d(x, folded["up.weight"], folded["up.bias"], padding=1)
    assert torch.allclose(made, conv(x), rtol=1e-5)


@pytest.mark.parametrize("kind", ["flat", "noisy", "fractions"])
def test_what_is_looked_up_is_what_two_convolutions_give(kind: str) -> None:
    """At the borders, too, where convolutions see zeros."""
    random = torch.Generator().manual_seed(3)
    ids = torch.zeros(2, 23, 17, dtype=torch.long)
    if kind == "noisy":
        ids = torch.randint(4, ids.shape, generator=random)
    else:
        ids[0, 5:, 8:], ids[1, :9] = 2, 3
    labels = F.one_hot(ids, 4).movedim(-1, 1).float()
    if kind == "fractions":
        labels[:, 1, 9:12] = torch.rand(2, 3, 17, generator=random)
    first, second = (torch.rand(s, generator=random) for s in ((6, 4, 3, 3), (5, 6, 3, 3)))
    dense = F.conv2d(F.relu(F.conv2d(labels, first, padding=1) - 8), second, padding=1)

    found = patches.find(*patches.distinct(labels))
    shared = F.relu(found.patches @ first.permute(2, 3, 1, 0).flatten(0, 2) - 8)
    shared[found.beyond] = 0
    table = shared[found.taps].flatten(1) @ second.permute(2, 3, 1, 0).flatten(0, 2)
    assert torch.allclose(table[found.index].movedim(-1, 1), dense, atol=1e-4)
    if kind == "flat":
        assert len(table) < 150  # of 782 pixels


def test_the_photo_stays_where_nothing_had_to_change() -> None:
    before = np.zeros((80, 60), np.uint8)
    before[20:60, 20:40] = Class13.UPPER
    after = before.copy()
    after[20:60, 36:40] = Class13.BACKGROUND  # the new garment is slimmer
    after[60:70, 20:36] = Class13.UPPER  # and longer
    hidden = np.zeros(before.shape, bool)
    hidden[10:66, 10:50] = True
    mask = repaint.edit_mask(before, after, hidden)
    assert (mask[30:50, 25:38] == 255).all()
    assert (mask[~hidden] == 0).all()
    assert mask[12, 12] == 0
    assert (np.diff(mask[40, 36:52].astype(int)) <= 0).all()  # it fades outwards
