"""Health, headers, public and private files."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.test import Client


def test_livez_asks_nobody(client: Client) -> None:
    answer = client.get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_readyz_asks_the_database(client: Client) -> None:
    assert client.get("/readyz").json() == {"database": True}


@pytest.mark.django_db
def test_readyz_says_no_without_a_migrated_database(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE django_migrations RENAME TO elsewhere")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"database": False}


@pytest.mark.django_db
def test_pages_carry_the_strict_policy(client: Client) -> None:
    answer = client.get("/ko/account/login/")
    assert answer.status_code == 200
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_public_media_is_served_and_kept(client: Client) -> None:
    name = storages["default"].save("catalogue/test.txt", ContentFile(b"public"))
    answer = client.get(f"/media/{name}")
    assert b"".join(answer.streaming_content) == b"public"  # type: ignore[attr-defined]
    assert "immutable" in answer["Cache-Control"]
    storages["default"].delete(name)


@pytest.mark.parametrize(
    "path", ["../private/secret.png", "..%2Fprivate%2Fsecret.png", "private/secret.png"]
)
def test_private_files_have_no_address(client: Client, path: str) -> None:
    storages["private"].delete("secret.png")
    storages["private"].save("secret.png", ContentFile(b"private"))
    assert client.get(f"/media/{path}").status_code in (400, 404)
    with pytest.raises(ValueError, match="not accessible via a URL"):
        storages["private"].url("secret.png")


def test_health_is_read_only(client: Client) -> None:
    assert client.post("/livez").status_code == 405
