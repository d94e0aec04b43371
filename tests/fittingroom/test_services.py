from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import connection, connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from fittingroom import locks, results, services
from fittingroom.models import EngineConfig, FittingModel, Rating, ReasonCode, TryOn
from fittingroom.services import CannotTryOn, request_tryon
from fittingroom.shopper import Shopper
from shop.catalogue.models import Product, ProductImage, Region
from tests import drawings
from tests.factories import FittingModelFactory, TryOnFactory

pytestmark = pytest.mark.django_db

MakeTee = Callable[..., ProductImage]


def ask(shopper: Shopper, person: FittingModel, *images: ProductImage, **more: Any) -> TryOn:
    return request_tryon(shopper=shopper, fitting_model=person, images=images, **more)


def finish(tryon: TryOn) -> None:
    """As a worker would."""
    name = results.storage().save(results.name_of(tryon.pk, 1), ContentFile(b"picture"))
    TryOn.objects.filter(pk=tryon.pk).update(
        status="done", attempt=1, result=name, finished_at=timezone.now()
    )
    tryon.refresh_from_db()


def test_a_request_waits_with_its_garments_in_layers(
    alice: Any, mia: FittingModel, make_tee: MakeTee
) -> None:
    tee, coat = make_tee(), make_tee(product__category__region=Region.OUTER)
    tryon = ask(Shopper(user_id=alice.pk), mia, coat, tee)
    assert (tryon.status, tryon.stage, tryon.engine) == ("queued", "waiting", "recolour")
    assert list(tryon.garments.values_list("layer", "region", "image")) == [
        (0, "upper", tee.pk),
        (1, "outer", coat.pk),
    ]


def test_the_order_of_asking_makes_no_difference(
    alice: Any, mia: FittingModel, make_tee: MakeTee
) -> None:
    tee, coat = make_tee(), make_tee(product__category__region=Region.OUTER)
    shopper = Shopper(user_id=alice.pk)
    assert ask(shopper, mia, coat, tee).pk == ask(shopper, mia, tee, coat).pk


def test_a_double_click_makes_one(alice: Any, mia: FittingModel, tee: ProductImage) -> None:
    shopper = Shopper(user_id=alice.pk)
    assert ask(shopper, mia, tee).pk == ask(shopper, mia, tee).pk
    assert TryOn.objects.count() == 1


def test_the_same_again_gives_the_finished_one(
    alice: Any, mia: FittingModel, tee: ProductImage
) -> None:
    first = ask(Shopper(user_id=alice.pk), mia, tee)
    finish(first)
    assert ask(Shopper(user_id=alice.pk), mia, tee).pk == first.pk


def test_a_failed_one_is_not_given_again(alice: Any, mia: FittingModel, tee: ProductImage) -> None:
    first = ask(Shopper(user_id=alice.pk), mia, tee)
    services.cancel_tryon(tryon=first)
    assert ask(Shopper(user_id=alice.pk), mia, tee).pk != first.pk


def test_another_shopper_gets_a_copy_at_once(
    alice: Any, visitor: Shopper, mia: FittingModel, tee: ProductImage
) -> None:
    first = ask(Shopper(user_id=alice.pk), mia, tee)
    finish(first)
    copy = ask(visitor, mia, tee)
    assert copy.pk != first.pk
    assert (copy.status, copy.visitor, copy.stage_ms) == ("done", visitor.visitor, {})
    assert copy.result.name != first.result.name
    with copy.result.open("rb") as file:
        assert file.read() == b"picture"
    assert copy.garments.get().image == tee


def test_a_copy_outlives_the_original(
    alice: Any,
    visitor: Shopper,
    mia: FittingModel,
    tee: ProductImage,
    django_capture_on_commit_callbacks: Any,
) -> None:
    first = ask(Shopper(user_id=alice.pk), mia, tee)
    finish(first)
    copy = ask(visitor, mia, tee)
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_tryon(tryon=first)
    with copy.result.open("rb") as file:
        assert file.read() == b"picture"


def test_a_result_whose_file_is_gone_is_made_again(
    alice: Any, visitor: Shopper, mia: FittingModel, tee: ProductImage
) -> None:
    first = ask(Shopper(user_id=alice.pk), mia, tee)
    finish(first)
    results.storage().delete(first.result.name)
    assert ask(visitor, mia, tee).status == "queued"


@pytest.mark.parametrize("change", ["keypoints", "photo", "garment"])
def test_other_content_is_another_try_on(
    alice: Any, visitor: Shopper, mia: FittingModel, make_tee: MakeTee, change: str
) -> None:
    first = ask(Shopper(user_id=alice.pk), mia, make_tee())
    finish(first)
    person, garment = mia, make_tee()
    if change == "keypoints":
        person = FittingModelFactory(keypoints=[[1.0, 2.0, 1.0]] * 18)
    elif change == "photo":
        person = FittingModelFactory(
            photo=ContentFile(drawings.garment_photo((9, 9, 9)), name="other.jpg")
        )
    else:
        garment = make_tee((30, 60, 180))
    assert ask(visitor, person, garment).status == "queued"


def test_the_same_pictures_under_other_names_are_the_same(
    alice: Any, visitor: Shopper, mia: FittingModel, make_tee: MakeTee
) -> None:
    first = ask(Shopper(user_id=alice.pk), mia, make_tee())
    finish(first)
    assert ask(visitor, FittingModelFactory(), make_tee()).status == "done"


def test_so_many_at_once_and_no_more(
    alice: Any, visitor: Shopper, mia: FittingModel, make_tee: MakeTee, settings: Any
) -> None:
    settings.TRYON_ACTIVE_LIMIT = 2
    shopper = Shopper(user_id=alice.pk)
    ask(shopper, mia, make_tee((1, 2, 3)))
    second = ask(shopper, mia, make_tee((4, 5, 6)))
    with pytest.raises(CannotTryOn) as refusal:
        ask(shopper, mia, make_tee((7, 8, 9)))
    assert (refusal.value.code, refusal.value.details) == (ReasonCode.TOO_MANY, {"limit": 2})
    ask(visitor, mia, make_tee((7, 8, 9)))  # nobody else is held up
    services.cancel_tryon(tryon=second)
    ask(shopper, mia, make_tee((7, 8, 9)))


@pytest.mark.parametrize(
    "fields",
    [
        {"product__category__region": Region.NONE},
        {"product__category__region": Region.LOWER},  # the engine dresses upper and outer
        {"product__status": Product.Status.DRAFT},
        {"role": ProductImage.Role.WORN},
    ],
)
def test_what_cannot_be_worn_is_refused(
    visitor: Shopper, mia: FittingModel, make_tee: MakeTee, fields: dict[str, Any]
) -> None:
    with pytest.raises(CannotTryOn) as refusal:
        ask(visitor, mia, make_tee(**fields))
    assert refusal.value.code == ReasonCode.NOT_SUPPORTED
    assert not TryOn.objects.exists()


def test_two_of_a_kind_none_and_a_retired_person_are_refused(
    visitor: Shopper, mia: FittingModel, make_tee: MakeTee
) -> None:
    for images in ([], [make_tee(), make_tee()]):
        with pytest.raises(CannotTryOn):
            ask(visitor, mia, *images)
    with pytest.raises(CannotTryOn):
        ask(visitor, FittingModelFactory(active=False), make_tee())


def test_a_missing_picture_is_a_reason_not_a_crash(
    visitor: Shopper, mia: FittingModel, tee: ProductImage
) -> None:
    tee.file.storage.delete(tee.file.name)
    with pytest.raises(CannotTryOn) as refusal:
        ask(visitor, mia, tee)
    assert refusal.value.code == ReasonCode.BAD_IMAGE


def test_engines_are_switched_in_the_admin(
    visitor: Shopper, mia: FittingModel, tee: ProductImage
) -> None:
    config = EngineConfig.objects.create(name="recolour", enabled=False)
    with pytest.raises(CannotTryOn):
        ask(visitor, mia, tee)
    config.enabled, config.regions = True, [Region.OUTER]
    config.save()
    with pytest.raises(CannotTryOn):
        ask(visitor, mia, tee)
    config.regions = [Region.UPPER]
    config.save()
    with pytest.raises(CannotTryOn):
        ask(visitor, mia, tee, engine="no such engine")
    assert ask(visitor, mia, tee, engine="recolour").engine == "recolour"


def test_cancel_stops_what_is_not_over() -> None:
    waiting, done = TryOnFactory(), TryOnFactory(done=True)
    assert services.cancel_tryon(tryon=waiting)
    assert (waiting.status, waiting.is_finished) == ("cancelled", True)
    assert not services.cancel_tryon(tryon=waiting)
    assert not services.cancel_tryon(tryon=done)
    assert done.status == "done"


def test_delete_takes_row_rating_and_files(django_capture_on_commit_callbacks: Any) -> None:
    tryon = TryOnFactory(done=True)
    services.rate_tryon(tryon=tryon, realism=2, liking=None, reasons=["fit"])
    stray = results.name_of(tryon.pk, 7)
    results.storage().save(stray, ContentFile(b"of a killed attempt"))
    result = tryon.result.name
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_tryon(tryon=tryon)
    assert not TryOn.objects.exists()
    assert not Rating.objects.exists()
    for name in (result, stray):
        assert not results.storage().exists(name)


def test_a_deletion_that_rolls_back_keeps_the_files() -> None:
    tryon = TryOnFactory(done=True)
    with transaction.atomic():
        services.delete_tryon(tryon=tryon)
        transaction.set_rollback(True)
    assert results.storage().exists(tryon.result.name)


def test_staff_retry_a_failed_one() -> None:
    failed = TryOnFactory(failed=True, deaths=3)
    assert services.retry_tryon(tryon=failed)
    assert (failed.status, failed.reason_code, failed.deaths) == ("queued", "", 0)
    assert failed.attempt == 3, "the fencing number never goes back"
    assert not services.retry_tryon(tryon=failed)
    assert not services.retry_tryon(tryon=TryOnFactory(done=True))


def test_without_a_broker_the_row_waits(
    transactional_db: None, visitor: Shopper, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EMBEDDED_REDIS = None
    monkeypatch.setenv("CELERY_BROKER_URL", "redis+socket:///nowhere/redis.sock?virtual_host=0")
    started = time.monotonic()
    tryon = TryOnFactory(failed=True)
    assert services.retry_tryon(tryon=tryon)
    tryon.refresh_from_db()
    assert (tryon.status, tryon.sent_at) == ("queued", None)
    assert time.monotonic() - started < 3


# --- ratings


def test_a_rating_can_be_changed_and_stays_one() -> None:
    tryon = TryOnFactory(done=True)
    services.rate_tryon(tryon=tryon, realism=2, liking=None, reasons=["fit", "fit"], comment=" ? ")
    rating = services.rate_tryon(tryon=tryon, realism=5, liking=4)
    assert Rating.objects.get() == rating
    rating.refresh_from_db()
    assert (rating.realism, rating.liking, rating.reasons, rating.comment) == (5, 4, [], "")


@pytest.mark.parametrize("state", [{}, {"failed": True}, {"done": True, "erased": True}])
def test_only_a_finished_picture_is_rated(state: dict[str, bool]) -> None:
    erased = state.pop("erased", False)
    tryon = TryOnFactory(**state)
    if erased:
        TryOn.objects.update(erased_at=timezone.now(), result="")
    with pytest.raises(ValidationError):
        services.rate_tryon(tryon=tryon, realism=4, liking=4)
    assert not Rating.objects.exists()


def test_a_deleted_picture_is_not_rated() -> None:
    tryon = TryOnFactory(done=True)
    TryOn.objects.all().delete()
    with pytest.raises(ValidationError):
        services.rate_tryon(tryon=tryon, realism=4, liking=4)


_score = st.none() | st.integers(-2, 8)
_reason = st.sampled_from([*Rating.Reason.values, "nonsense"])


@examples(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(realism=_score, liking=_score, chosen=st.lists(_reason, max_size=4))
def test_what_the_service_takes_the_database_takes_and_nothing_else(
    db: None, realism: int | None, liking: int | None, chosen: list[str]
) -> None:
    """The service's rules and the database's constraints agree on every combination."""
    given_scores = [score for score in (realism, liking) if score is not None]
    allowed = (
        bool(given_scores)
        and all(1 <= score <= 5 for score in given_scores)
        and "nonsense" not in chosen
        and (not chosen or min(given_scores) <= 3)
    )
    tryon = TryOn.objects.first() or TryOnFactory(done=True)
    Rating.objects.all().delete()
    try:
        services.rate_tryon(tryon=tryon, realism=realism, liking=liking, reasons=chosen)
    except ValidationError:
        assert not allowed
        assert not Rating.objects.exists()
    else:
        assert allowed
        assert Rating.objects.count() == 1


# --- two at the same moment


def _together(count: int, act: Callable[[], Any]) -> list[Any]:
    """Run ``act`` in threads that start at once, each on its own connection."""
    start, answers = threading.Barrier(count), []

    def run() -> None:
        start.wait()
        try:
            answers.append(act())
        except CannotTryOn as refusal:
            answers.append(refusal.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _slow_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Widen the gap between looking for a twin and writing the row, where a rival fits in."""
    look = services._copy_result

    def slowly(tryon: TryOn) -> bool:
        time.sleep(0.1)
        return look(tryon)

    monkeypatch.setattr(services, "_copy_result", slowly)
    monkeypatch.setattr(services, "_send", lambda tryon: None)


def test_clicks_at_the_same_moment_make_one(
    transactional_db: None,
    visitor: Shopper,
    mia: FittingModel,
    tee: ProductImage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _slow_look(monkeypatch)
    answers = _together(6, lambda: ask(visitor, mia, tee).pk)
    assert len(set(answers)) == 1
    assert TryOn.objects.count() == 1


def test_control_without_the_lock_they_make_several(
    transactional_db: None,
    visitor: Shopper,
    mia: FittingModel,
    tee: ProductImage,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Shows that the test above can see the race."""
    _slow_look(monkeypatch)
    monkeypatch.setattr(locks, "lock_shopper", lambda shopper: None)
    _together(6, lambda: ask(visitor, mia, tee).pk)
    assert TryOn.objects.count() > 1


def test_the_limit_holds_for_requests_at_the_same_moment(
    transactional_db: None,
    visitor: Shopper,
    mia: FittingModel,
    make_tee: MakeTee,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.TRYON_ACTIVE_LIMIT = 2
    _slow_look(monkeypatch)
    tees = [make_tee((n * 9, 40, 90)) for n in range(6)]
    answers = _together(6, lambda: ask(visitor, mia, tees.pop()).status)
    assert sorted(map(str, answers)) == ["queued"] * 2 + ["too_many"] * 4
    assert TryOn.objects.count() == 2


def test_the_lock_refuses_to_hold_nothing(transactional_db: None) -> None:
    assert not connection.in_atomic_block
    with pytest.raises(RuntimeError):
        locks.lock_shopper(Shopper(visitor=uuid.uuid4()))
