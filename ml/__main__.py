"""``python -m ml``: the try-on platform's image side from the shell, without a database."""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Sequence
from typing import NoReturn

from ml.commands import annotate, classify, common, mask, profile, tryon

COMMANDS = {
    "tryon": (tryon, "dress a person in garments"),
    "annotate": (annotate, "label people in their photos"),
    "mask": (mask, "cut garments out of their photos"),
    "classify": (classify, "name a garment's kind, colours and pattern"),
    "profile": (profile, "seconds per stage of a try-on"),
}


class _Parser(argparse.ArgumentParser):
    """Wrong options answer with one line, like every other bad input."""

    def error(self, message: str) -> NoReturn:
        self.exit(common.BAD_INPUT, f"error: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = _Parser(prog="python -m ml", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (module, text) in COMMANDS.items():
        module.add(commands.add_parser(name, help=text, description=module.__doc__))
    args = parser.parse_args(arguments)
    # A damaged photo is reported once, by us; what its decoder mutters besides is noise.
    warnings.filterwarnings("ignore", module="PIL")
    return int(COMMANDS[args.command][0].run(args))


if __name__ == "__main__":
    sys.exit(main())
