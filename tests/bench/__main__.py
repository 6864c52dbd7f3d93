"""Runs the benches named, all without names. script/bench starts this on a migrated, empty database."""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import django

SIZES = {"1000": 1_000, "10000": 10_000}


def main() -> int:
    django.setup()
    from tests.bench import assignment, documents, load, pages, similar, submitting  # noqa: F401 -- importing registers
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
        run(wanted, ["1000", "10000"] if options.full else ["1000"])
    return 0


def run(wanted: list[str], sizes: list[str]) -> None:
    from django.test.utils import override_settings

    from tests.bench import data
    from tests.bench.measure import BENCHES, note

    with override_settings(ROOT_URLCONF="tests.bench.urls", ALLOWED_HOSTS=["testserver"]):
        for size in sizes:
            data.seed(SIZES[size], report="seed" in wanted)
            for name, bench in BENCHES.items():
                if name in wanted and (bench.every_size or size == "1000"):
                    note(f"{name} at {size} applications")
                    bench.function(size)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qcportal.settings")
    os.environ.setdefault("LOG_LEVEL", "ERROR")
    sys.exit(main())
