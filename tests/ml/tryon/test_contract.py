"""What every engine in the table must keep to.

Published engines run with made-up weights. Those that take a minute per picture on a CPU are left
out unless OTBANG_SLOW_TESTS is set; what they share with the others is tested beside them.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import numpy as np
import pytest

from ml import errors
from ml.garment.annotation import Region
from ml.person.annotation import PersonAnnotation
from ml.tryon import filled
from ml.tryon.engine import Dressed, DressRequest, EngineSpec, PreparedPerson, Refused, TryOnEngine
from ml.tryon.registry import ENGINES
from tests.ml.tryon.mannequin import flat_dress, flat_skirt, flat_top, flat_trousers, person

GARMENTS = {
    Region.UPPER: flat_top,
    Region.LOWER: flat_trousers,
    Region.DRESS: flat_dress,
    Region.OUTER: lambda: flat_top(long=True, region=Region.OUTER),
}
CODES = {
    error.code
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, errors.InputError)
}


@pytest.fixture(scope="module", params=ENGINES, ids=lambda spec: spec.name)
def spec(request: pytest.FixtureRequest) -> EngineSpec:
    return request.param


SLOW = {"viton_hd", "hr_viton"}


@pytest.fixture(scope="module")
def engine(spec: EngineSpec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TryOnEngine]:
    if "cpu" not in spec.devices:
        pytest.skip(f"{spec.name} does not run on a CPU")
    if spec.name in SLOW and not os.environ.get("OTBANG_SLOW_TESTS"):
        pytest.skip(f"{spec.name} takes a minute per picture; set OTBANG_SLOW_TESTS to run it")
    with pytest.MonkeyPatch.context() as patch:
        if spec.weight_files:
            patch.setenv("OTBANG_HOME", str(tmp_path_factory.mktemp("weights")))
            filled.install(spec.name)
        yield spec.load("cpu")


def same(one: Dressed, other: Dressed, spec: EngineSpec) -> bool:
    """Networks add up in another order when a batch is larger: one level of 255 may come of it."""
    levels = np.abs(one.image.astype(int) - other.image).max()
    return bool(levels <= (1 if spec.weight_files else 0))


@pytest.fixture(scope="module")
def wearer(engine: TryOnEngine) -> PreparedPerson:
    drawn = person()
    return engine.prepare_person(drawn.photo, drawn.annotation())


def request_for(engine: TryOnEngine, wearer: PreparedPerson, *makers: object) -> DressRequest:
    return DressRequest(wearer, tuple(engine.prepare_garment(*make()) for make in makers))


@pytest.mark.parametrize("region", list(Region))
def test_dresses_each_region_it_claims(
    spec: EngineSpec, engine: TryOnEngine, wearer: PreparedPerson, region: Region
) -> None:
    if region not in spec.regions:
        pytest.skip(f"{spec.name} does not dress {region}")
    (result,) = engine.dress([request_for(engine, wearer, GARMENTS[region])])
    assert isinstance(result, Dressed)
    assert result.image.shape == wearer.photo.shape
    assert result.image.dtype == np.uint8
    assert result.edit_mask.shape == wearer.photo.shape[:2]
    assert 0.0 <= result.confidence <= 1.0
    kept = result.edit_mask == 0
    assert (result.image[kept] == wearer.photo[kept]).all()
    assert 0.02 < (~kept).mean() < 0.5


def test_same_seed_same_bytes(engine: TryOnEngine, wearer: PreparedPerson) -> None:
    request = request_for(engine, wearer, flat_top)
    one, two = engine.dress([request], seed=3) + engine.dress([request], seed=3)
    assert isinstance(one, Dressed)
    assert isinstance(two, Dressed)
    assert one.image.tobytes() == two.image.tobytes()
    assert one.edit_mask.tobytes() == two.edit_mask.tobytes()


def test_a_batch_gives_what_singles_give(
    spec: EngineSpec, engine: TryOnEngine, wearer: PreparedPerson
) -> None:
    other = flat_skirt if Region.LOWER in spec.regions else lambda: flat_top(long=True)
    requests = [request_for(engine, wearer, make) for make in (flat_top, other)]
    together = engine.dress(requests, seed=1)
    alone = [engine.dress([request], seed=1)[0] for request in requests]
    for one, other in zip(together, alone, strict=True):
        assert isinstance(one, Dressed)
        assert isinstance(other, Dressed)
        assert same(one, other, spec)


def test_one_bad_request_is_refused_and_fails_nobody(
    engine: TryOnEngine, wearer: PreparedPerson
) -> None:
    empty = np.zeros(wearer.annotation.parse.shape, np.uint8)
    nobody = PersonAnnotation(empty, np.zeros((18, 3), np.float32))
    bad = DressRequest(
        PreparedPerson(wearer.photo, nobody), request_for(engine, wearer, flat_top).garments
    )
    good = request_for(engine, wearer, flat_top)
    first, second, third = engine.dress([good, bad, DressRequest(wearer, ())])
    assert isinstance(first, Dressed)
    assert isinstance(second, Refused)
    assert second.code == "no_person"
    assert second.message
    assert isinstance(third, Refused)
    assert {second.code, third.code} <= CODES


def test_wrong_sizes_are_refused_when_prepared(engine: TryOnEngine) -> None:
    drawn = person()
    with pytest.raises(errors.BadAnnotation):
        engine.prepare_person(drawn.photo[:-1], drawn.annotation())
    photo, notes = flat_top()
    with pytest.raises(errors.BadAnnotation):
        engine.prepare_garment(photo[:-1], notes)


def test_global_random_states_are_left_alone(engine: TryOnEngine, wearer: PreparedPerson) -> None:
    random.seed(7)
    np.random.seed(7)
    before = random.getstate(), np.random.get_state()[1].tobytes()
    drawn = person()
    engine.prepare_person(drawn.photo, drawn.annotation())
    engine.dress([request_for(engine, wearer, flat_top)])
    after = random.getstate(), np.random.get_state()[1].tobytes()
    assert before == after


def test_inputs_are_not_written_to(engine: TryOnEngine) -> None:
    drawn = person()
    photo, parse = drawn.photo.copy(), drawn.parse.copy()
    prepared = engine.prepare_person(drawn.photo, drawn.annotation())
    tensors = {name: value.copy() for name, value in prepared.tensors.items()}
    engine.dress([request_for(engine, prepared, flat_top)])
    assert (drawn.photo == photo).all()
    assert (drawn.parse == parse).all()
    assert all((prepared.tensors[name] == value).all() for name, value in tensors.items())


def test_stages_begin_and_end(engine: TryOnEngine, wearer: PreparedPerson) -> None:
    told: list[tuple[str, float]] = []
    engine.dress(
        [request_for(engine, wearer, flat_top)], on_stage=lambda *event: told.append(event)
    )
    seconds = {name: 0.0 for name, _ in told}
    for name, value in told:
        assert value >= 0
        seconds[name] += value
    assert len(seconds) >= 3
    assert all(value > 0 for value in seconds.values())


def test_prepared_tensors_are_what_a_cache_can_keep(
    engine: TryOnEngine, wearer: PreparedPerson
) -> None:
    again = PreparedPerson(
        wearer.photo,
        wearer.annotation,
        {name: np.frombuffer(value.tobytes(), value.dtype).reshape(value.shape)
         for name, value in wearer.tensors.items()},
    )  # fmt: skip
    fresh = request_for(engine, wearer, flat_top)
    (one,), (two,) = engine.dress([fresh]), engine.dress([DressRequest(again, fresh.garments)])
    assert isinstance(one, Dressed)
    assert isinstance(two, Dressed)
    assert (one.image == two.image).all()
