"""Bodies as numbers: distance fields, meshes, sizes and bones' weights. No Blender."""

from __future__ import annotations

import numpy as np
import pytest

from ml.studio.blender import charts, mesher, sdf, shape, skin
from ml.studio.blender.skeleton import skeleton
from ml.studio.blender.spec import BUST, HIP, SIZES, WAIST, Spec
from ml.studio.blender.tape import tape


@pytest.fixture(scope="module")
def spec() -> Spec:
    return Spec("woman", 168, *SIZES["woman"]["M"])


@pytest.fixture(scope="module")
def mesh(spec: Spec) -> mesher.Mesh:
    return mesher.surface(shape.field(spec), 2.0)


def test_distances_are_right_for_a_round_tube() -> None:
    tube = sdf.tube("arm", (0, 0, 0), (0, 0, 10), [(0, 2, 2, 2), (1, 2, 2, 2)], 0)
    points = sdf.vec([(5, 0, 5), (0, 1, 5), (0, 0, 15), (0, -2, 5)])
    np.testing.assert_allclose(tube.distance(points), [3, -1, 3, 0], atol=0.03)


def test_a_smooth_union_is_never_farther_than_its_parts() -> None:
    a, b = np.random.default_rng(3).normal(size=(2, 500))
    joined = sdf.smooth_min(a, b, 0.8)
    assert (joined <= np.minimum(a, b) + 1e-9).all()
    assert (np.minimum(a, b) - joined <= 0.8 / 6 + 1e-9).all()


@pytest.mark.parametrize(
    ("sex", "size"), [("woman", "S"), ("woman", "XXL"), ("man", "M"), ("man", "XXL")]
)
def test_a_tape_measures_the_size_that_was_asked_for(sex: str, size: str) -> None:
    spec = Spec(sex, 174, *SIZES[sex][size])
    trunk = shape.field(spec).only(("trunk", "left_leg", "right_leg"))
    levels = (BUST, WAIST, HIP)
    taped = [tape(trunk, spec.height * level) for level in levels]
    np.testing.assert_allclose(taped, SIZES[sex][size], atol=0.6)


def test_the_body_is_closed_upright_and_symmetric(spec: Spec, mesh: mesher.Mesh) -> None:
    edges = np.stack([mesh.faces, np.roll(mesh.faces, -1, axis=1)], -1).reshape(-1, 2)
    ways, times = np.unique(edges, axis=0, return_counts=True)
    back, returns = np.unique(edges[:, ::-1], axis=0, return_counts=True)
    assert (ways == back).all(), "every edge has a face on both sides, turning the same way"
    assert (times == returns).all()
    assert (times > 1).mean() < 0.002, "coarse cells may pinch between fingers, nowhere else"
    assert abs(mesh.vertices[:, 2].max() - spec.height) < 1
    assert -1 < mesh.vertices[:, 2].min() < 1
    a = mesh.vertices[mesh.faces]
    volume = np.einsum("ij,ij->i", a[:, 0], np.cross(a[:, 1], a[:, 2])).sum() / 6
    volume += np.einsum("ij,ij->i", a[:, 0], np.cross(a[:, 2], a[:, 3])).sum() / 6
    assert 40_000 < volume < 90_000, "cubic centimetres, faces outwards"
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    assert abs(low[0] + high[0]) < 0.5


def test_cutting_leaves_a_straight_hem(mesh: mesher.Mesh) -> None:
    cut = mesher.clip(mesh, lambda p: 90.0 - p[:, 2])
    assert cut.vertices[:, 2].min() == pytest.approx(90, abs=0.01)
    assert cut.vertices[:, 2].max() == mesh.vertices[:, 2].max()
    assert cut.faces.max() == len(cut.vertices) - 1


def test_bones_move_what_lies_around_them(spec: Spec, mesh: mesher.Mesh) -> None:
    weights = skin.weights(spec, mesh.vertices, mesh.faces)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    at = skeleton(spec)

    def main(point: np.ndarray) -> str:
        nearest = np.linalg.norm(mesh.vertices - point, axis=1).argmin()
        return skin.BONES[int(weights[nearest].argmax())]

    assert main((at["left_elbow"] + at["left_wrist"]) / 2) == "left_forearm"
    assert main((at["right_hip"] + at["right_knee"]) / 2) == "right_thigh"
    assert main(at["crown"]) == "head"
    assert main(at["chest"]) in {"chest", "spine"}
    arm = [n for n, bone in enumerate(skin.BONES) if "arm" in bone]
    low = mesh.vertices[:, 2] < 0.4 * spec.height
    assert weights[low][:, arm].max() < 0.01


def test_surface_parts_are_on_their_side(spec: Spec, mesh: mesher.Mesh) -> None:
    weights = skin.weights(spec, mesh.vertices, mesh.faces)
    normals = mesher.normals(shape.field(spec), mesh.vertices)
    part = charts.parts(spec, mesh.vertices, weights, normals)
    assert set(np.unique(part)) == set(range(1, 25))
    x = mesh.vertices[:, 0]
    for number in (4, 5, 8, 10, 12, 14, 15, 17, 19, 21, 24):
        assert (x[part == number] > -1.5).all(), number
    uv = charts.coordinates(spec, mesh.vertices, part)
    assert uv.min() >= 0
    assert uv.max() <= 1
    thigh = part == 10
    assert np.corrcoef(uv[thigh, 1], mesh.vertices[thigh, 2])[0, 1] < -0.95, "v runs down"
