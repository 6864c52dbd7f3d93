"""One topic against 10,000 published ones by the index, against comparing it with each in full."""

from applications import similarity
from qcportal.demo.topics import TOPICS
from tests.bench.measure import bench, in_turns, report, seconds

COUNT = 10_000
TIMES = 7


@bench("similar")
def similar(_size: str) -> None:
    names = [TOPICS[n % len(TOPICS)].name.format(n=n // len(TOPICS) + 1) for n in range(COUNT)]
    made: list[similarity.Index[int]] = []
    built = seconds(lambda: made.append(similarity.Index(enumerate(names))))
    wanted = TOPICS[3].name.format(n=77)

    def by_index() -> None:
        made[0].like(wanted, at_least=65)

    def in_full() -> None:
        [name for name in names if similarity.of_names(wanted, name) >= 65]

    value, floor = in_turns(by_index, in_full, TIMES)
    report("similar_index_10000", built * 1000, "ms")
    report("similar_10000", value * 1000, "ms", floor * 1000)
