"""The fixtures that others build on: a running site, a worker, a browser."""

from __future__ import annotations

import urllib.request
from typing import Any

import pytest

from tests.factories import PASSWORD, UserFactory


@pytest.mark.processes
def test_the_site_sees_the_test_database(live_site: str) -> None:
    with urllib.request.urlopen(f"{live_site}/readyz") as answer:  # noqa: S310
        assert answer.read() == b'{"database": true}'


@pytest.mark.browser
def test_a_browser_signs_in_to_the_admin(page: Any) -> None:
    user = UserFactory(is_staff=True, is_superuser=True)
    page.goto("/en/admin/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_selector("#user-tools")
    assert user.email in page.text_content("#user-tools")
