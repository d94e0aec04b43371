"""``manage.py install_checkpoint ENGINE FILE…``: official weights for a published engine."""

from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from ml import weights
from ml.tryon import registry
from ml.tryon.engine import Ready
from ml.weights import Accepted, BadCheckpoint


class Command(BaseCommand):
    help = (
        "Check the official checkpoint files of an engine, convert them to safetensors under "
        "OTBANG_HOME/weights and write down that you accept the licence. Nothing in a file is "
        "ever run. Without files: say what is installed and what is missing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("engine", choices=sorted(weights.LICENCES), metavar="ENGINE")
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument(
            "--allow-unknown",
            action="store_true",
            help="take a file whose sha256 is not known if its tensors fit the network",
        )
        parser.add_argument(
            "--i-accept-non-commercial",
            action="store_true",
            dest="accepted",
            help="accept the licence without being asked: no commercial use",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        engine: str = options["engine"]
        try:
            self._install(engine, options["files"], allow_unknown=options["allow_unknown"])
        except BadCheckpoint as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(
                f"{error.filename}: {(error.strerror or str(error)).lower()}"
            ) from error
        self._licence(engine, accepted=options["accepted"])
        self._say_state(engine)

    def _install(self, engine: str, files: list[Path], *, allow_unknown: bool) -> None:
        """All files or none: the first bad one ends it before anything is written."""
        passed: dict[str, Accepted] = {}
        total = sum(path.stat().st_size for path in files)
        with tqdm(
            total=total, unit="B", unit_scale=True, disable=not files, file=self.stderr
        ) as bar:
            for path in files:
                bar.set_description(path.name)
                found = weights.accept(
                    path, engine, allow_unknown=allow_unknown, on_bytes=bar.update
                )
                network = found.checkpoint.network
                if network in passed:
                    raise BadCheckpoint(
                        f"{passed[network].path.name} and {path.name} are both {network}"
                    )
                passed[network] = found
        for network, found in passed.items():
            where = weights.keep(found)
            origin = "official file" if found.official else "unknown file, allowed"
            notes = "".join(f"; {note}" for note in found.notes)
            self.stdout.write(
                f"{network}: {found.path.name} ({origin}, sha256 {found.sha256[:16]}…), "
                f"{len(found.tensors)} tensors{notes}\n    -> {where}"
            )

    def _licence(self, engine: str, *, accepted: bool) -> None:
        licence = weights.LICENCES[engine]
        if weights.acknowledged(engine):
            return
        self.stdout.write(
            f"These weights are licensed under {licence.name} by {licence.holder} "
            f"({licence.source}): they may not be used commercially."
        )
        if not accepted and sys.stdin.isatty():
            accepted = input("Do you accept this? Type yes: ").strip().lower() == "yes"
        if accepted:
            weights.acknowledge(engine, by=getpass.getuser())
            self.stdout.write("Your acceptance was written down.")

    def _say_state(self, engine: str) -> None:
        state = registry.check(registry.get(engine))
        if isinstance(state, Ready):
            self.stdout.write(f"{engine} is ready: switch it on in the admin, under Engines.")
        else:
            self.stdout.write(f"{engine} stays off: {state.reason} ({state.hint})")
