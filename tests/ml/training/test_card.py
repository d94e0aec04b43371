"""Figures go between the marks of a card and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.training.card import BEGIN, END, fill, table


def test_fill_replaces_only_what_is_between_the_marks(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text(f"# Model\n{BEGIN}\nold\n{END}\nby hand\n")
    fill(card, table(("figure", "found"), [("accuracy", 0.91234), ("photos", 90)]))
    text = card.read_text()
    assert "old" not in text
    assert "| accuracy | 0.912 |" in text
    assert "| photos | 90 |" in text
    assert text.startswith("# Model\n")
    assert text.endswith("\nby hand\n")


def test_a_card_without_marks_is_not_touched(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("# Model\n")
    with pytest.raises(ValueError, match="no place"):
        fill(card, "x")
    assert card.read_text() == "# Model\n"
