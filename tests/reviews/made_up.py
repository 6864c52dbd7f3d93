"""A thousand invented entries with everything that a ranking has to cope with; the same each time."""

import random
from decimal import Decimal

from reviews.scoring import Entry, Kind, RoundRules, Sheet, StageRule, Tie, Unlisted
from reviews.scoring.frozen import Filing, Snapshot, inputs_of

FULL = RoundRules(
    (
        StageRule(Kind.DOCUMENT, Decimal("0.600")),
        StageRule(Kind.ON_SITE, Decimal("0.125"), min_valid=1, trim_from=4),
        StageRule(Kind.PRESENTATION, Decimal("0.275"), min_valid=2, trim_from=7, trim_count=2),
    ),
    (Tie.PRESENTATION, Tie.ITEM, Tie.ON_SITE, Tie.DOCUMENT),
)
DOCUMENTS = RoundRules((StageRule(Kind.DOCUMENT, Decimal(1)),), FULL.tie_order)


def inputs(count=1000, seed=7, unlisted=Unlisted.BELOW):
    """Two rounds with rules of their own, every third entry presenting, close scores so that many are equal."""
    chance = random.Random(seed)
    first = RoundRules(FULL.stages, FULL.tie_order, unlisted)
    filings = [_filing(chance, number) for number in range(1, count + 1)]
    return inputs_of(Snapshot({"2026-1": first, "2026-2": DOCUMENTS}, filings, FULL.tie_order))


def _filing(chance, number):
    round_ = "2026-2" if number % 5 == 0 else "2026-1"
    listed = round_ == "2026-1" and number % 3 == 0
    centre = chance.choice((70, 75, 80, 85, 90))
    kinds = (Kind.DOCUMENT, Kind.ON_SITE, Kind.PRESENTATION) if listed else (Kind.DOCUMENT,)
    sheets = {kind: [_sheet(chance, seat, centre) for seat in range(chance.randint(1, 9))] for kind in kinds}
    facts = {
        "file_number": f"QC{round_}-{number:04d}", "enterprise": f"第{number}公司", "group": f"第{number}小组",
        "topic": "课题", "topic_type": "self_set",
    }  # fmt: skip
    decision = chance.choice((None, None, None, 1, 2))
    return Filing(Entry(f"key-{number:04d}", sheets, listed, decision), round_, facts)


def _sheet(chance, seat, centre):
    points = Decimal(centre) + Decimal(chance.choice((0, 0, 5, 25, 50, 75, 101, 117, 133))) / 100
    kind = chance.random()
    if kind < 0.08:
        return Sheet(f"评委{seat}", recused=True, code=f"码{seat}")
    if kind < 0.14:
        return Sheet(f"评委{seat}", code=f"码{seat}")
    item = None if kind < 0.2 else Decimal(chance.choice((20, 21, 22))) + Decimal("0.5")
    return Sheet(f"评委{seat}", points, tie_item=item, code=f"码{seat}")
