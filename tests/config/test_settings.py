"""Settings as the environment makes them, each in a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from config.secrets import local_secret
from tests.processes import PROJECT

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "SECRET_KEY": "k" * 30 + "0123456789abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "shop.example.com",
    "DATABASE_URL": "postgresql://otbang:pw@db.example.com/otbang",
    "CELERY_BROKER_URL": "redis://redis.example.com/0",
}


def run(*command: str, home: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A command with only these variables and no .env file."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=PROJECT,
        env={
            "PATH": os.environ["PATH"],
            "OTBANG_HOME": str(home),
            "OTBANG_ENV_FILE": os.devnull,
            **env,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def read(expression: str, *, home: Path, **env: str) -> object:
    """The value of an expression over ``settings``."""
    program = (
        "import json, django; django.setup(); from django.conf import settings;"
        f"print(json.dumps({expression}, default=str))"
    )
    env.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")
    done = run("-c", program, home=home, **env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_local_needs_no_variable_and_starts_no_server(tmp_path: Path) -> None:
    for command in (["--help"], ["check"], ["findstatic", "css/base.css"]):
        done = run("manage.py", *command, home=tmp_path)
        assert done.returncode == 0, done.stderr
    assert not (tmp_path / "run").exists(), "reading settings must not start a server"


def test_debug_is_off_by_default(tmp_path: Path) -> None:
    assert read("settings.DEBUG", home=tmp_path) is False
    assert read("settings.DEBUG", home=tmp_path, DEBUG="true") is True


def test_a_home_keeps_its_secret(tmp_path: Path) -> None:
    first = read("settings.SECRET_KEY", home=tmp_path)
    assert isinstance(first, str)
    assert len(first) >= 50
    assert read("settings.SECRET_KEY", home=tmp_path) == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert local_secret(tmp_path / "other") != first


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ALLOWED_HOSTS"])
def test_production_does_not_start_without(tmp_path: Path, missing: str) -> None:
    env = {name: value for name, value in PRODUCTION.items() if name != missing}
    done = run("manage.py", "check", home=tmp_path, **env)
    assert done.returncode != 0
    assert f"set {missing}: production does not start without" in done.stderr


def test_production_passes_the_deployment_checks(tmp_path: Path) -> None:
    done = run(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING", home=tmp_path, **PRODUCTION
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.parametrize(
    ("missing", "code"), [("DATABASE_URL", "W001"), ("CELERY_BROKER_URL", "W002")]
)
def test_embedded_servers_in_production_are_warned_of(
    tmp_path: Path, missing: str, code: str
) -> None:
    env = {name: value for name, value in PRODUCTION.items() if name != missing}
    done = run("manage.py", "check", "--deploy", home=tmp_path, **env)
    assert f"otbang.{code}" in done.stderr


def test_the_environment_chooses_the_servers(tmp_path: Path) -> None:
    embedded = "[str(settings.EMBEDDED_POSTGRES), str(settings.EMBEDDED_REDIS)]"
    assert "None" not in str(read(embedded, home=tmp_path))
    assert read(embedded, home=tmp_path, **PRODUCTION) == ["None", "None"]
    database = read("settings.DATABASES['default']", home=tmp_path, **PRODUCTION)
    assert isinstance(database, dict)
    assert (database["HOST"], database["NAME"]) == ("db.example.com", "otbang")


def test_buckets_replace_the_disk(tmp_path: Path) -> None:
    buckets = {
        "S3_PUBLIC_BUCKET": "shop-public",
        "S3_PRIVATE_BUCKET": "shop-private",
        "S3_PUBLIC_DOMAIN": "cdn.example.com",
        "S3_ACCESS_KEY": "id",
        "S3_SECRET_KEY": "secret",
        "S3_REGION": "ap-northeast-2",
    }
    program = (
        "import django; django.setup(); from django.core.files.storage import storages;"
        "from django.conf import settings;"
        "print(storages['default'].url('a.jpg'));"
        "print(storages['private'].url('b.png'));"
        "print(settings.SERVE_MEDIA,"
        " settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['img-src'])"
    )
    done = run(
        "-c", program, home=tmp_path, DJANGO_SETTINGS_MODULE="config.settings.local", **buckets
    )
    public, private, rest = done.stdout.splitlines()
    assert public == "https://cdn.example.com/a.jpg"
    assert "X-Amz-Signature=" in private
    assert "X-Amz-Expires=300" in private
    assert rest.startswith("False")
    assert "https://cdn.example.com" in rest


def test_the_example_names_exactly_the_variables_that_are_read() -> None:
    example = (PROJECT / ".env.example").read_text()
    described = set(re.findall(r"^#([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))
    call = re.compile(r"(?:env(?:\.\w+)?\(|environ(?:\.get\(|\[))\s*\"([A-Z][A-Z0-9_]+)\"")
    read_names = {
        name
        for path in (PROJECT / "config").rglob("*.py")
        if path.name != "test.py"
        for name in call.findall(path.read_text())
    }
    elsewhere = {"OTBANG_DATASETS", "OTBANG_DEMO_PASSWORD"}  # read by tests and by load_demo
    assert read_names - described == set(), "not in .env.example"
    assert described - read_names - elsewhere == set(), "in .env.example, but nobody reads it"
