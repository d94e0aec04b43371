"""What a log line looks like."""

from __future__ import annotations

import io
import json
import logging
import logging.config
from collections.abc import Iterator

import pytest
import structlog
from django.conf import settings

from config.logs import logging_settings


class Log:
    """What was written in one form."""

    def __init__(self, form: str) -> None:
        self.form = form
        self.written = io.StringIO()

    def lines(self) -> list[str]:
        return self.written.getvalue().splitlines()


@pytest.fixture(params=["json", "console"])
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    """Logging set up in that form, and the tests' own way afterwards."""
    log = Log(request.param)
    chosen = logging_settings("INFO", log.form)
    chosen["handlers"]["stderr"]["stream"] = log.written
    logging.config.dictConfig(chosen)
    yield log
    logging.config.dictConfig(settings.LOGGING)


def test_one_event_and_its_fields(log: Log) -> None:
    structlog.get_logger("fittingroom.test").info("tryon_over", outcome="done", milliseconds=12)
    (line,) = log.lines()
    if log.form == "json":
        event = json.loads(line)
        assert event["event"] == "tryon_over"
        assert (event["outcome"], event["milliseconds"]) == ("done", 12)
        assert (event["level"], event["logger"]) == ("info", "fittingroom.test")
    else:
        assert "tryon_over" in line
        assert "milliseconds=12" in line


def test_what_is_bound_follows_into_libraries_lines(log: Log) -> None:
    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        logging.getLogger("some.library").warning("%s is away", "Redis")
    (line,) = log.lines()
    assert "Redis is away" in line
    assert "r-1" in line


def test_an_error_keeps_its_traceback(log: Log) -> None:
    try:
        raise ValueError("broken picture")
    except ValueError:
        logging.getLogger("django.request").exception("Internal Server Error")
    written = "\n".join(log.lines())
    assert "ValueError: broken picture" in written
    if log.form == "json":
        assert "Traceback" in json.loads(written)["exception"]


def test_libraries_are_quiet_below_warnings(log: Log) -> None:
    logging.getLogger("botocore.credentials").info("found credentials")
    assert log.lines() == []
