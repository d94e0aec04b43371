"""A shop with one engine, and the people of these tests.

Alice is signed in, Bob is a rival who is signed in too, a visitor is not, Clara is staff.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from fittingroom.models import FittingModel
from fittingroom.shopper import Shopper
from shop.catalogue.models import ProductImage
from tests import drawings
from tests.factories import FittingModelFactory, ProductImageFactory, UserFactory
from tests.fittingroom import engines
from tests.processes import Broker, Process, database_url_of_tests


@pytest.fixture(autouse=True)
def only_the_test_engine(settings: Any) -> None:
    settings.TRYON_ENGINES = engines.PATH


@pytest.fixture
def alice(db: None) -> Any:
    return UserFactory(email="alice@example.com")


@pytest.fixture
def bob(db: None) -> Any:
    return UserFactory(email="bob@example.com")


@pytest.fixture
def mia(db: None) -> FittingModel:
    """The person who is dressed."""
    return FittingModelFactory(slug="mia")


@pytest.fixture
def make_tee(db: None) -> Callable[..., ProductImage]:
    """A T-shirt's picture in a colour: ``make_tee(engines.POISON)``."""

    def make(colour: tuple[int, int, int] = engines.RED, **fields: Any) -> ProductImage:
        photo = ContentFile(drawings.garment_photo(colour), name=f"{uuid.uuid4().hex}.jpg")
        return ProductImageFactory(file=photo, **fields)

    return make


@pytest.fixture
def tee(make_tee: Callable[..., ProductImage]) -> ProductImage:
    return make_tee()


@pytest.fixture
def visitor() -> Shopper:
    return Shopper(visitor=uuid.uuid4())


@pytest.fixture
def beat(
    broker: Broker, env: dict[str, str], tmp_path: Path, transactional_db: None
) -> Iterator[Process]:
    """A beat that sends what the settings in a test file's ``env`` say."""
    command = [
        *(sys.executable, "-m", "celery", "-A", "config.celery", "beat"),
        *("--schedule", str(tmp_path / "schedule"), "--pidfile", ""),
    ]
    given = {**env, "DATABASE_URL": database_url_of_tests()}
    process = Process(command, log=tmp_path / "beat.log", env=given)
    yield process
    process.stop()
