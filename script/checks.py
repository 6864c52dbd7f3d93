"""Checks of the source tree for script/test. Each prints what is wrong, or as its last line how many things passed.

Usage: checks.py imports|types|vendored
"""

import hashlib
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def configuration() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def existing(modules: list[str]) -> list[Path]:
    """The files or folders of those dotted modules that exist."""
    found = []
    for module in modules:
        base = ROOT / module.replace(".", "/")
        found += [path for path in (base, base.with_suffix(".py")) if path.exists()]
    return found


def imports() -> int:
    """Contracts kept by import-linter; every part of qcportal must have a place in the order of layers."""
    contracts = configuration()["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    placed = set(re.split(r"[\s:|()]+", " ".join(layers)))
    roots = {"qcportal.settings", "qcportal.wsgi", "qcportal.urls", "qcportal.asgi", "qcportal.checks"}
    for path in sorted((ROOT / "qcportal").iterdir()):
        is_module = path.suffix == ".py" or (path / "__init__.py").is_file()
        name = f"qcportal.{path.stem}"
        if is_module and path.stem != "__init__" and name not in placed | roots:
            sys.exit(f"{name} has no place in [tool.importlinter] of pyproject.toml")
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]
    done = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr)
    if done.returncode:
        sys.exit(1)
    return int(re.findall(r"(\d+) kept", done.stdout)[0])


def types() -> int:
    files = existing(configuration()["qcportal"]["typed"])
    done = subprocess.run([sys.executable, "-m", "mypy", *map(str, files)], cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(1)
    return sum(len(list(path.rglob("*.py"))) if path.is_dir() else 1 for path in files)


def vendored() -> int:
    """Every file under static/vendor stands in its SHA256SUMS with its hash, beside a licence."""
    folder = ROOT / "static" / "vendor"
    if not folder.is_dir():
        return 0
    sums = folder / "SHA256SUMS"
    if not sums.is_file():
        sys.exit("static/vendor/SHA256SUMS is missing")
    listed = {}
    for line in sums.read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    wrong = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and path != sums:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            if listed.pop(name, "") != digest:
                wrong.append(f"{name}: not listed, or changed")
    wrong += [f"{name}: listed, but missing" for name in listed]
    if wrong:
        sys.exit("\n".join(wrong))
    return sum(1 for path in folder.rglob("*") if path.is_file()) - 1


if __name__ == "__main__":
    print({"imports": imports, "types": types, "vendored": vendored}[sys.argv[1]]())
