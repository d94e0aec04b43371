"""``manage.py export_pairs DIR``: garments flat and worn, to fine-tune a try-on engine with."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm


class Command(BaseCommand):
    help = (
        "Export pairs of flat and worn pictures of the same product, with masks, landmarks and "
        "annotations, for python -m ml.training student --pairs DIR and evaluate tryon-pairs. "
        "Reads product pictures only: never a shopper's photo. A second run writes what is new."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--limit", type=int, metavar="N", help="at most N new pairs")

    def handle(self, *args: Any, **options: Any) -> None:
        # Here, so that asking for help does not load OpenCV.
        from fittingroom.pairs import Came, ForeignFolder, export, prepare, worn_pictures

        folder: Path = options["folder"]
        try:
            prepare(folder)
        except ForeignFolder as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{folder}: {error.strerror or error}") from error
        found = worn_pictures()
        shown = options["verbosity"] > 0
        came: Counter[Came] = Counter()
        with tqdm(total=len(found), unit="picture", disable=not shown, file=self.stderr) as bar:
            for outcome in export(folder, found):
                came[outcome.came] += 1
                bar.update()
                if outcome.came == Came.LEFT_OUT:
                    bar.write(f"left out {outcome.name}: {outcome.detail}", file=self.stderr)
                if came[Came.EXPORTED] == options["limit"]:
                    break
        if not shown:
            return
        self.stdout.write(", ".join(f"{came[kind]} {kind}" for kind in Came))
        if not found:
            self.stdout.write(
                "No product has a picture of role worn: upload some, and say so in their role."
            )
