import pytest

from tests.reviews import builders


@pytest.fixture
def round_(db):
    return builders.closed_round()


@pytest.fixture
def stage(round_):
    return builders.stage_of(round_)


@pytest.fixture
def filing(owner, round_):
    return builders.accepted(owner, round_)


@pytest.fixture
def judge(round_):
    return builders.judge(programme=round_.programme)


@pytest.fixture
def assignment(stage, filing, judge, secretary):
    return builders.assigned(stage, filing, [judge], secretary)[0]
