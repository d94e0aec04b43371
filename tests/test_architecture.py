"""The arrows between rooms, and what may not get into a web process."""

from __future__ import annotations

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from tests.processes import database_url_of_tests

ROOT = Path(__file__).resolve().parents[1]
OURS = ("accounts", "catalogue", "fittingroom", "recommendations")

# What a web server's process does: load the application with all its views, answer requests.
WEB_PROCESS = """
import sys
from config.wsgi import application
from django.test import Client

for page in ("/ko/", "/en/account/login/", "/en/fitting-room/"):
    assert Client().get(page).status_code == 200, page
print(sorted({"torch", "cv2", "scipy"} & set(sys.modules)))
"""


def test_every_import_follows_the_arrows() -> None:
    # In a process of its own: import-linter changes sys.path and keeps global state.
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; from importlinter.cli import lint_imports; "
            "sys.exit(lint_imports(no_cache=True))",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "0 broken" in done.stdout


def test_a_web_process_loads_no_network_library(transactional_db: None) -> None:
    env = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": database_url_of_tests(),
    }
    done = subprocess.run(
        [sys.executable, "-c", WEB_PROCESS],
        cwd=ROOT,
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    out = StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out)
    except SystemExit:
        pytest.fail(f"models changed without a migration:\\n{out.getvalue()}")


def test_every_field_has_a_name_that_can_be_translated() -> None:
    """Django falls back to the attribute's name, which the Korean admin would show in English."""
    nameless = [
        f"{model._meta.label}.{field.name}"
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if field.concrete
        and getattr(field, "editable", False)
        and not field.primary_key
        and field.verbose_name == field.name.replace("_", " ")
        and isinstance(field.verbose_name, str)
    ]

    assert nameless == []
