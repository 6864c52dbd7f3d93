"""A frozen ranking computed once more from what it keeps. Reads only."""

from applications import codes
from reviews.models import Ranking
from reviews.scoring import frozen


def findings(ranking: Ranking) -> list[str]:
    """What differs, in Chinese; empty when the stored inputs give the identical rows and hash."""
    found = []
    if codes.digest({"scope": ranking.scope, "data": ranking.data}) != ranking.sha256:
        found.append("冻结结果与 SHA-256 不符")
    if ranking.inputs is None:
        # Frozen before inputs were kept: there is only the hash to check.
        return found
    if codes.digest(ranking.inputs) != ranking.inputs_sha256:
        found.append("计算依据与 SHA-256 不符")
    try:
        again = frozen.reckon(ranking.inputs)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        return [*found, "计算依据不完整，不能重新计算"]
    found += frozen.differences(ranking.data, again)
    if not found and codes.digest({"scope": ranking.scope, "data": again}) != ranking.sha256:
        found.append("重新计算的结果与 SHA-256 不符")
    return found
