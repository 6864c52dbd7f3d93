"""Runs the benches named, all without names. script/bench starts this on a migrated, empty database."""

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import django

if TYPE_CHECKING:
    from tests.bench.measure import Bench

# "demo" is what seed_demo makes without a number.
SIZES = {"demo": None, "1000": 1_000, "10000": 10_000}


def main() -> int:
    django.setup()
    from tests.bench import (  # noqa: F401 -- importing registers
        assignment,
        documents,
        load,
        pages,
        secretary,
        similar,
        submitting,
    )  # fmt: skip
    from tests.bench.measure import BENCHES

    names = ["seed", *BENCHES]
    parser = argparse.ArgumentParser(
        prog="script/bench",
        description="Prints one JSON object a line: name, value, unit, baseline, ratio.",
        epilog="names: " + ", ".join(names),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="what to measure, default everything")
    parser.add_argument("--full", action="store_true", help="also with 10,000 applications")
    options = parser.parse_args()
    if unknown := sorted(set(options.names) - set(names)):
        parser.error(f"unknown: {', '.join(unknown)}")
    wanted = options.names or names
    from django.conf import settings

    with tempfile.TemporaryDirectory(prefix="qcportal-bench-files-") as folder:
        settings.MEDIA_ROOT = Path(folder)
        Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns without it
        run(wanted, ["demo", "1000", *(["10000"] if options.full else [])])
    return 0


def run(wanted: list[str], sizes: list[str]) -> None:
    from django.test.utils import override_settings

    from qcportal.demo import build
    from tests.bench import data
    from tests.bench.measure import BENCHES, note

    with override_settings(ROOT_URLCONF="tests.bench.urls", ALLOWED_HOSTS=["testserver"]):
        for size in sizes:
            asked = [name for name in BENCHES if name in wanted and fits(BENCHES[name], size)]
            if not asked and (size == "demo" or "seed" not in wanted):
                continue
            data.seed(SIZES[size] or build.DEFAULT_APPLICATIONS, report="seed" in wanted and size != "demo")
            for name in asked:
                note(f"{name} at {size} applications")
                BENCHES[name].function(size)


def fits(bench: "Bench", size: str) -> bool:
    return size == "1000" or (bench.demo if size == "demo" else bench.every_size)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qcportal.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    sys.exit(main())
