"""Run as a process of its own: every file of the corpus through the gate with little memory, answers as JSON lines.

python -m tests.imports.weigh FOLDER    # FOLDER holds <number>.<kind>
"""

import json
import resource
import sys
import time
import tracemalloc
from pathlib import Path

from applications.imports.gate import open_office
from applications.imports.sheets import grids_of
from qcportal.errors import Refusal

ROOM = 256 * 1024 * 1024  # address space beyond what the interpreter has taken when the first file comes


def answer_to(path: Path) -> tuple[str, str]:
    try:
        with path.open("rb") as stream:
            opened = open_office(stream, path.suffix[1:])
            if path.suffix == ".xlsx":
                grids_of(opened)
    except Refusal as refusal:
        return refusal.code, refusal.message
    return "", ""


def weigh(path: Path) -> dict:
    """Twice: counting memory makes everything several times slower."""
    began = time.process_time()
    code, message = answer_to(path)
    seconds = time.process_time() - began
    tracemalloc.start()
    again = answer_to(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert again == (code, message)
    return {"name": path.stem, "code": code, "message": message, "seconds": seconds, "peak": peak}


if __name__ == "__main__":
    paths = sorted(Path(sys.argv[1]).iterdir())
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, taken + ROOM))
    for path in paths:
        sys.stdout.write(json.dumps(weigh(path)) + "\n")
