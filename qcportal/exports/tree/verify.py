"""Is an archive on disk what it was, and do its frozen versions say what the portal froze?"""

import json
import re
from pathlib import Path

from applications import codes
from applications.models import Programme, Recommendation, ReportVersion, Submission
from qcportal import files
from qcportal.exports.tree import listing
from qcportal.exports.tree.folder import JOURNAL, PART

_LINE = re.compile(r"^([0-9a-f]{64})  (.+)$")


def verify(programme: Programme, root: Path) -> list[str]:
    """Sentences about what is wrong; none when all is well. Reads every file, changes nothing."""
    sums = root / listing.SUMS
    if not sums.is_file():
        return [f"没有 {listing.SUMS}：导出没有完成，请再运行一次导出命令。"]
    wanted: dict[str, str] = {}
    problems = []
    for number, line in enumerate(sums.read_text(encoding="utf-8").splitlines(), 1):
        found = _LINE.match(line)
        if found is None:
            problems.append(f"{listing.SUMS} 第 {number} 行无法识别")
        else:
            wanted[found[2]] = found[1]
    problems += [problem for path, sha256 in wanted.items() if (problem := _file(root, path, sha256))]
    problems += _extra(root, set(wanted))
    return problems + _frozen(programme, root)


def _file(root: Path, path: str, sha256: str) -> str:
    place = root / path
    if not place.is_file():
        return f"缺少：{path}"
    with place.open("rb") as stream:
        return "" if files.sha256_of(stream) == sha256 else f"内容已变：{path}"


def _extra(root: Path, wanted: set[str]) -> list[str]:
    own = {listing.SUMS, JOURNAL}
    there = {place.relative_to(root).as_posix() for place in root.rglob("*") if place.is_file()}
    words = {path: "没有写完" if path.endswith(PART) else "多余" for path in sorted(there - wanted - own)}
    return [f"{word}：{path}" for path, word in words.items()]


def _frozen(programme: Programme, root: Path) -> list[str]:
    """The JSON of every version: its digest is the sha256 it names, and the one in the database."""
    kept = _kept(programme)
    problems = []
    for name in ("submissions", "reports", "opinions"):
        for place in sorted((root / name).glob("*.json")) if (root / name).is_dir() else []:
            content = json.loads(place.read_text(encoding="utf-8"))
            where, in_database = f"{name}/{place.name}", kept.pop(content["code"], content["sha256"])
            if codes.digest(content["data"]) != content["sha256"]:
                problems.append(f"冻结内容与校验值不符：{where}")
            elif in_database != content["sha256"]:
                problems.append(f"与系统中的校验值不符：{where}")
    return problems + [f"缺少冻结版本：{code}" for code in kept]


def _kept(programme: Programme) -> dict[str, str]:
    opinions = Recommendation.objects.filter(application__round__programme=programme)
    rows = [
        *Submission.objects.filter(application__round__programme=programme).values_list("code", "sha256"),
        *ReportVersion.objects.filter(report__programme=programme).values_list("code", "sha256"),
        *opinions.exclude(submission=None, frozen_in=None).values_list("code", "sha256"),
    ]
    return dict(rows)
