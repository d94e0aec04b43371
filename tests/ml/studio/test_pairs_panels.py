"""Panels of the wardrobe: they close, they sew up, and their texture is the flat picture's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ml.studio import wardrobe
from ml.studio.panels import Panel, Pattern, cut_out, wearable
from ml.studio.panels_mesh import EDGE, border_pairs, triangulate
from ml.studio.texture import texture

WEARABLE = [g for g in wardrobe.GARMENTS if wearable(g)]


@pytest.fixture(scope="module")
def patterns() -> dict[str, Pattern]:
    return {g.slug: cut_out(g) for g in WEARABLE}


def test_most_of_the_wardrobe_can_be_worn() -> None:
    assert len(WEARABLE) >= 24
    assert {str(g.region) for g in WEARABLE} == {"upper", "lower", "dress", "outer"}
    with pytest.raises(ValueError, match="no pattern"):
        cut_out(next(g for g in wardrobe.GARMENTS if not wearable(g)))


def test_seams_join_as_many_vertices_in_the_same_order(patterns: dict[str, Pattern]) -> None:
    for slug, pattern in patterns.items():
        for seam in pattern.seams:
            ends = []
            for name, edge in (seam.first, seam.second):
                panel = pattern.panel(name)
                run = panel.edges[edge]
                ends.append(panel.points[run])
            assert len(ends[0]) == len(ends[1]), (slug, seam)
            lengths = [np.hypot(*np.diff(line, axis=0).T).sum() for line in ends]
            assert 0.8 < lengths[0] / lengths[1] < 1.25, (slug, seam, lengths)


def test_a_sewn_garment_is_open_only_at_neck_waist_hem_and_cuffs(
    patterns: dict[str, Pattern],
) -> None:
    openings = {"top": 2, "dress": 2, "skirt": 2, "trousers": 3}
    for slug, pattern in patterns.items():
        arrays = pattern.arrays()
        name = np.arange(len(arrays["points"]))
        for _ in range(12):
            for a, b in arrays["seams"]:
                name[a] = name[b] = min(name[a], name[b])
        pairs = border_pairs(name[arrays["triangles"]])
        loops = _loops(pairs)
        sleeves = {p.body for p in pattern.panels} & {"left_arm", "right_arm"}
        armholes = 2 if str(pattern.cut) in {"top", "dress"} else 0
        assert sleeves in (set(), {"left_arm", "right_arm"})
        assert loops == openings[str(pattern.cut)] + armholes, slug


def _loops(pairs: np.ndarray) -> int:
    """Connected borders."""
    root: dict[int, int] = {}

    def find(a: int) -> int:
        while root.setdefault(a, a) != a:
            a = root[a]
        return a

    for a, b in pairs.tolist():
        root[find(a)] = find(b)
    return len({find(a) for a in list(root)})


def test_texture_coordinates_lie_on_the_garment(patterns: dict[str, Pattern]) -> None:
    for garment in WEARABLE[:: max(1, len(WEARABLE) // 6)]:
        uv = patterns[garment.slug].arrays()["uv"]
        assert uv.min() > 0
        assert uv.max() < 1
    drawn = wardrobe.draw(WEARABLE[0], next(iter(WEARABLE[0].cloths.values())), scale=1)
    trunk = [p for p in patterns[WEARABLE[0].slug].panels if p.body == "trunk"]
    x, y = np.concatenate([p.uv for p in trunk]).T.astype(int)
    assert (drawn.mask[y, x] > 0).mean() > 0.95  # the picture is bent a little, panels are not


def test_sleeves_have_the_texture_of_cloth_that_the_body_covers() -> None:
    """Stripes along a sleeve are as far apart on its panel as on the drawn garment."""
    garment = next(g for g in WEARABLE if g.slug == "striped-shirt-dress")
    cloth = next(iter(garment.cloths.values()))
    picture = cv2.cvtColor(texture(garment, cloth), cv2.COLOR_RGB2GRAY)
    assert picture.shape == (2400, 900)

    def stripes(panel: Panel, share: float) -> float:
        """How many cross a panel where a share of its length is reached, by pixels of cloth."""
        near = np.abs(panel.wrap[:, 1] - share * panel.wrap[:, 1].max()) < 12
        at = panel.uv[near][np.argsort(panel.points[near][:, int("sleeve" in panel.name)])]
        n = int(np.hypot(*(at[-1] - at[0])))
        line = np.linspace(at[0], at[-1], n).astype(np.float32)
        seen = cv2.remap(picture, line[None, :, 0], line[None, :, 1], cv2.INTER_LINEAR)[0]
        dark = seen < 170
        return float((np.diff(dark.astype(int)) > 0).sum() / n)

    pattern = cut_out(garment)
    body = stripes(pattern.panel("front"), 0.6)
    for name in ("sleeve_left_front", "sleeve_right_back"):
        for share in (0.35, 0.6, 0.85):
            assert 0.6 < stripes(pattern.panel(name), share) / body < 1.6, (name, share)


def test_collars_lie_loose_on_the_front(patterns: dict[str, Pattern]) -> None:
    for garment in WEARABLE:
        pattern = patterns[garment.slug]
        collar = getattr(garment.cut, "collar", "")
        assert len(pattern.flaps) == {"shirt": 2, "lapel": 4}.get(collar, 0), garment.slug
        front = pattern.panels[0]
        for flap in pattern.flaps:
            assert flap.away.min() < 3  # held somewhere
            assert flap.away.max() > 30
            assert front.points.min() < flap.points.min()
            assert flap.points[:, 1].max() < front.points[:, 1].max()


def test_a_mesh_is_even_and_keeps_its_border() -> None:
    square = np.array([[0, 0], [200, 0], [200, 150], [0, 150.0]])
    border = {"a": square[:2], "b": square[1:3], "c": square[2:], "d": square[[3, 0]]}
    sheet = triangulate(border)
    corners = sheet.points[sheet.triangles]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    assert 0.5 * EDGE < np.median(sides) < 1.3 * EDGE
    assert sides.max() < 2.2 * EDGE
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    area = (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
    assert (area > 0).all()
    assert area.sum() == pytest.approx(200 * 150)
    assert np.allclose(sheet.points[sheet.edges["b"]][[0, -1]], square[1:3])
