"""``manage.py import_fitting_models DIR``: people of a VITON-HD-style folder as fitting models."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from fittingroom.curation import upkeep
from ml.errors import BadAnnotation
from shop.catalogue.models import Gender

HEIGHT = 170


class Command(BaseCommand):
    help = (
        "Import people from a folder with image/, image-parse*/, openpose*/ and, optionally, "
        "image-densepose/. Those without an annotation are sent to the annotator. A second run "
        "changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--inactive", action="store_true", help="do not show them to shoppers")
        parser.add_argument("--limit", type=int, metavar="N", help="at most N new people")
        parser.add_argument("--gender", choices=Gender.values, default=Gender.UNISEX.value)
        parser.add_argument(
            "--height",
            type=int,
            metavar="CM",
            help=f"everybody's height, which the folder does not tell (default {HEIGHT})",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would happen")

    def handle(self, *args: Any, **options: Any) -> None:
        # Here, so that asking for help does not load OpenCV.
        from fittingroom.curation.imports import Came, Outcome, Wish, count, import_folder

        folder: Path = options["folder"]
        height = HEIGHT if options["height"] is None else options["height"]
        limit: int | None = options["limit"]
        if not 80 <= height <= 230:
            raise CommandError("--height must lie between 80 and 230 cm")
        wish = Wish(
            height_cm=height,
            gender=options["gender"],
            active=not options["inactive"],
            dry_run=options["dry_run"],
        )
        came: Counter[Came] = Counter()
        shown = options["verbosity"] > 0
        with tqdm(total=count(folder), unit="photo", disable=not shown, file=self.stderr) as bar:

            def said(outcome: Outcome) -> bool:
                came[outcome.came] += 1
                bar.update()
                if outcome.came == Came.SKIPPED:
                    bar.write(f"skipped {outcome.name}: {outcome.detail}", file=self.stderr)
                return outcome.came in (Came.ACCEPTED, Came.ANNOTATING)

            try:
                new = (outcome for outcome in import_folder(folder, wish) if said(outcome))
                for _outcome in islice(new, limit):
                    pass
            except BadAnnotation as error:
                raise CommandError(str(error)) from error
        if came[Came.ANNOTATING] and not wish.dry_run:
            upkeep.send_waiting()
        if not shown:
            return
        if wish.dry_run:
            self.stdout.write("dry run: nothing was changed")
        self.stdout.write(", ".join(f"{came[kind]} {kind}" for kind in Came))
        if options["height"] is None and came[Came.ACCEPTED] + came[Came.ANNOTATING]:
            self.stdout.write(
                f"heights are unknown: {height} cm was taken for each; correct it in the admin "
                "or give --height"
            )
