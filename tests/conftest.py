"""Shared fixtures: a real database for everybody; real workers, sites and browsers on demand.

The PostgreSQL and Redis of the test home start with the first connection and stop with pytest
(see ``config.embedded``), also when pytest is killed.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import translation
from kombu import pools

from config import embedded
from config.celery import app
from tests.processes import Broker, Process, database_url_of_tests, start_site, start_worker

CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera that films a test picture, and may be used without asking.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


#: What takes longest comes last, so that most mistakes show in the first minutes.
LAST = ("processes", "browser")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        # Workers of pytest-xdist share the cores: none of them needs threads.
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    # WhiteNoise warns where it is missing; tests serve straight from the sources.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)


def pytest_itemcollected(item: pytest.Item) -> None:
    """With pytest-xdist: one process for the tests of a file that share what it has loaded."""
    if item.nodeid.startswith("tests/ml/") and item.config.pluginmanager.hasplugin("xdist"):
        item.add_marker(pytest.mark.xdist_group(item.path.name))


@pytest.hookimpl(trylast=True)  # pytest-django orders them too
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: [item.get_closest_marker(name) is not None for name in LAST])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers and remove the test home, and those of the workers of pytest-xdist."""
    if hasattr(config, "workerinput"):
        return
    ours: Path = settings.OTBANG_HOME
    for home in (ours, *ours.parent.glob(f"{ours.name}gw*")):
        for server in (embedded.Postgres(home), embedded.Redis(home)):
            embedded.stop(server)
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """What one test leaves in the cache, the next must not find."""
    server = settings.EMBEDDED_REDIS
    if server is not None and embedded.is_running(server):
        cache.clear()


@pytest.fixture(autouse=True)
def _no_language_of_the_last_test() -> Iterator[None]:
    """The test client leaves its last page's language in this thread."""
    yield
    translation.deactivate()


@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Broker]:
    """A running Redis of this test alone, for this process and those it starts.

    ``broker.stop()``, ``broker.start()`` and ``broker.empty()`` do to it what you are testing.
    """
    # Not under tmp_path: a unix socket's path must be short.
    home = settings.OTBANG_HOME / f"broker-{os.getpid()}"
    broker = Broker(home)
    broker.server.prepare()
    # Celery prefers this variable to its configuration; children inherit it.
    monkeypatch.setenv("CELERY_BROKER_URL", broker.url)
    settings.EMBEDDED_REDIS = None
    _forget_connections()
    broker.start()
    yield broker
    broker.stop()
    _forget_connections()
    shutil.rmtree(home, ignore_errors=True)


def _forget_connections() -> None:
    """Celery keeps its pool for the address that it saw first, and connections to dead brokers."""
    pools.reset()
    app._pool = None
    app.amqp._producer_pool = None


@pytest.fixture
def worker_factory(
    transactional_db: None, broker: Broker, tmp_path: Path
) -> Iterator[Callable[..., Process]]:
    """Starts real Celery workers on the test database and ``broker``; ends them all.

    ``worker_factory(queues="cpu", concurrency=1, env={...})``; the process has ``pid``,
    ``children()``, ``kill_group()``, ``stop()``, ``log``.
    """
    started: list[Process] = []

    def start(*, env: dict[str, str] | None = None, **options: Any) -> Process:
        log = tmp_path / f"worker-{len(started)}.log"
        given = {"DATABASE_URL": database_url_of_tests(), **(env or {})}
        worker = start_worker(log=log, env=given, **options)
        started.append(worker)
        return worker

    yield start
    for worker in started:
        worker.stop()
        # Shown by pytest where the test failed.
        sys.stdout.write(f"{worker.log}:\n{worker.log.read_text(errors='replace')[-6000:]}\n")


@pytest.fixture
def live_worker(worker_factory: Callable[..., Process]) -> Process:
    """One real Celery worker on the test database, consuming ``broker``."""
    return worker_factory()


@pytest.fixture(scope="session")
def _site(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A gunicorn and a worker for the whole session, on the test home's own Redis."""
    folder = tmp_path_factory.mktemp("site")
    embedded.ensure(settings.EMBEDDED_REDIS)
    with django_db_blocker.unblock():
        env = {"DATABASE_URL": database_url_of_tests()}
    worker = start_worker(log=folder / "worker.log", env=env)
    try:
        site, url = start_site(log=folder / "site.log", env=env)
        yield url
        site.stop()
    finally:
        worker.stop()


@pytest.fixture
def live_site(transactional_db: None, _site: str) -> str:
    """The address of the running site with a running worker, on the test database.

    What a test writes is seen by them at once; the tables are emptied after the test.
    """
    _number_content_types()
    return _site


def _number_content_types() -> None:
    """Emptied tables get new content types with new numbers, but the site's process remembers the
    old ones. These numbers are always the same."""
    numbered = (
        "SELECT id, -row_number() OVER (ORDER BY app_label, model) AS number "
        "FROM django_content_type WHERE id > 0"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        for key in ("auth_permission.content_type_id", "django_content_type.id"):
            table, column = key.split(".")
            cursor.execute(
                f"UPDATE {table} SET {column} = n.number "  # noqa: S608 (names of our own)
                f"FROM ({numbered}) AS n WHERE {key} = n.id"
            )
    ContentType.objects.clear_cache()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium driven by Playwright; skips with the reason where there is none."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no `chromium` program found (as root: apt-get install chromium)")
    from playwright.sync_api import sync_playwright

    # Playwright's sync API runs an event loop in this thread, and Django then refuses the ORM.
    # Nothing here is called from a coroutine, so the refusal is a false alarm.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    flags = [*CHROMIUM_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, headless=True, args=flags)
        yield running
        running.close()


@pytest.fixture
def new_page(browser: Any, live_site: str) -> Iterator[Callable[..., Any]]:
    """Opens pages of ``live_site``: ``new_page(width=390, locale="en-US", javascript=False)``.

    The test fails at its end if a page raised a script error or broke the security policy.
    """
    contexts: list[Any] = []
    complaints: list[str] = []

    def open_page(
        *, width: int = 1440, height: int = 900, locale: str = "ko-KR", javascript: bool = True
    ) -> Any:
        context = browser.new_context(
            base_url=live_site,
            viewport={"width": width, "height": height},
            locale=locale,
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url}: {message.text}")
                if message.type == "error" and "Content Security Policy" in message.text
                else None
            ),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, complaints


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """A 1440-wide Korean page of ``live_site``: ``page.goto("/")``."""
    return new_page()
