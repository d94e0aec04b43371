"""The Korean translation is complete, and what is compiled is what was written."""

from __future__ import annotations

import gettext
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.core.management import call_command

PROJECT = Path(__file__).resolve().parents[1]
FOLDER = PROJECT / "locale" / "ko" / "LC_MESSAGES"
#: Where sentences for people are written.
SOURCES = ("accounts", "config", "fittingroom", "recommendations", "shop", "templates")


class Entry(NamedTuple):
    context: str
    msgid: str
    text: str
    fuzzy: bool


def unquoted(lines: str) -> str:
    raw = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', lines))
    return raw.replace('\\"', '"').replace("\\n", "\n").replace("\\\\", "\\")


def entries(path: Path) -> list[Entry]:
    """Every message of a .po file but its header."""
    found = []
    for block in path.read_text().split("\n\n"):
        parts = re.split(r"^(msg\w+(?:\[\d\])?) ", block, flags=re.MULTILINE)
        fields = {key: unquoted(value) for key, value in zip(parts[1::2], parts[2::2], strict=True)}
        if fields.get("msgid"):
            text = fields.get("msgstr", fields.get("msgstr[0]", ""))
            context = fields.get("msgctxt", "")
            found.append(Entry(context, fields["msgid"], text, "#, fuzzy" in parts[0]))
    return found


def test_every_entry_is_translated_and_certain() -> None:
    messages = entries(FOLDER / "django.po")
    assert len(messages) > 200
    assert not [entry.msgid for entry in messages if not entry.text or entry.fuzzy]


def test_placeholders_survive() -> None:
    holders = re.compile(r"%\(\w+\)[sd]|%s|\{\w+\}")
    for entry in entries(FOLDER / "django.po"):
        assert sorted(holders.findall(entry.msgid)) == sorted(holders.findall(entry.text)), entry


def test_the_compiled_file_is_up_to_date() -> None:
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for entry in entries(FOLDER / "django.po"):
        if entry.context:
            shown = compiled.pgettext(entry.context, entry.msgid)
        else:
            shown = compiled.gettext(entry.msgid)
        if shown == entry.msgid:  # or it has a plural
            shown = compiled.ngettext(entry.msgid, "", 1)
        assert shown == entry.text, entry.msgid


def test_no_sentence_of_the_project_is_missing(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("xgettext") is None:
        pytest.skip("no `xgettext` program found (apt-get install gettext)")
    # In a copy: the command writes into the tree it reads.
    for name in SOURCES:
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc"))
    folder = tmp_path / "locale" / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    shutil.copy(FOLDER / "django.po", folder)
    settings.LOCALE_PATHS = []
    monkeypatch.chdir(tmp_path)
    call_command("makemessages", locale=["ko"], verbosity=0)
    new = [entry.msgid for entry in entries(folder / "django.po") if not entry.text or entry.fuzzy]
    assert not new, "run `manage.py makemessages -l ko`, translate, `manage.py compilemessages`"
