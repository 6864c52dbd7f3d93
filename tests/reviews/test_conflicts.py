"""Conflicts of interest, from names alone."""

import pytest

from reviews.assignment import Conflict, JudgeFacts, UnitFacts, conflict, same_unit


def unit(**fields):
    return UnitFacts(**{"enterprise_id": 1, "names": ["青海湖光盐化股份有限公司"], "credit_code": "X" * 18, **fields})


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("青海湖光（集团）股份有限公司", "青海湖光(集团)股份有限公司", True),
        ("青海湖光（集团）股份有限公司", "青海湖光集团股份有限公司", True),
        ("青海湖光盐化股份有限公司察尔汗分公司", "青海湖光盐化股份有限公司", True),
        ("青海 湖光盐化股份有限公司", "青海湖光盐化股份有限公司", True),
        ("青海瀚澄盐湖化工有限公司", "青海湖光盐化股份有限公司", False),
        ("青海", "青海湖光盐化股份有限公司", False),
        ("", "青海湖光盐化股份有限公司", False),
    ],
)
def test_names_of_the_same_unit(one, other, same):
    assert same_unit(one, other) is same
    assert same_unit(other, one) is same


@pytest.mark.parametrize(
    ("judge", "filing", "expected"),
    [
        (JudgeFacts("另一名称", employer_code="X" * 18), unit(), Conflict.EMPLOYER),
        (JudgeFacts("另一名称", belongs_to={1}), unit(), Conflict.EMPLOYER),
        (JudgeFacts("青海湖光盐化股份有限公司"), unit(), Conflict.EMPLOYER),
        (JudgeFacts("西宁远岫装备有限公司"), unit(completing_units=["西宁远岫装备有限公司"]), Conflict.COMPLETING_UNIT),
        (JudgeFacts("甲公司", parent_group="湖光控股集团"), unit(parent_group="湖光控股集团"), Conflict.PARENT_GROUP),
        (JudgeFacts("湖光控股集团有限公司"), unit(parent_group="湖光控股集团"), Conflict.PARENT_GROUP),
        (JudgeFacts("青海省质量技术研究中心"), unit(), None),
        (JudgeFacts("青海省质量技术研究中心", employer_code=""), unit(credit_code=""), None),
    ],
)
def test_the_kinds_of_conflict(judge, filing, expected):
    assert conflict(judge, filing) == expected
