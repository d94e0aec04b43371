"""``python -m ml.training person|garment|neckline|student|evaluate ...``: train, measure."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

from ml.errors import InputError

#: Subcommand -> the module with ``add_arguments(parser)`` and ``run(args)``; loaded when asked for.
COMMANDS = {
    "person": "ml.training.person.command",
    "garment": "ml.training.garment.command",
    "pattern": "ml.training.pattern.command",
    "neckline": "ml.training.neckline",
    "student": "ml.training.student.command",
    "convert": "ml.training.convert",
    "preview": "ml.training.preview",
    "evaluate": "ml.training.tryon_pairs",
}


def main(arguments: Sequence[str] | None = None) -> int:
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(prog="python -m ml.training", description=__doc__)
    parser.add_argument("command", choices=sorted(COMMANDS))
    name = parser.parse_args(arguments[:1]).command
    module = importlib.import_module(COMMANDS[name])
    parser = argparse.ArgumentParser(prog=f"python -m ml.training {name}")
    module.add_arguments(parser)
    try:
        module.run(parser.parse_args(arguments[1:]))
    except InputError as e:
        sys.stderr.write(f"{e}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
