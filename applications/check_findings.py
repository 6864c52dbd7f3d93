"""What the portal finds by itself for the checker: the same bytes elsewhere, the same words elsewhere. Staff only."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from applications import similar, similarity
from applications.models import Application, Evidence, SpecialAward, Submission
from applications.models.enterprises import Industry
from applications.similar import Alike

SHOWN = 3  # other filings named for each file


class Other(NamedTuple):
    """Where the same file lies as well."""

    pk: int
    unit: str
    group: str
    number: str
    state: str
    name: str
    is_own: bool


class SameFile(NamedTuple):
    """A file of this version whose very bytes were filed elsewhere; ``total`` counts all of those."""

    name: str
    sha256: str
    total: int
    others: list[Other]

    @property
    def more(self) -> int:
        return self.total - len(self.others)

    @property
    def is_foreign(self) -> bool:
        return any(not other.is_own for other in self.others)


def same_files(application: Application, evidence: Iterable[dict[str, Any]]) -> list[SameFile]:
    """By the hash of the bytes, whatever the files are called; other enterprises first. Two queries: the few that are
    named are found among bare ids, since one stamp of an office may stand in a thousand filings."""
    names = {item["sha256"]: item["name"] for item in evidence}
    ranked = (
        Evidence.objects.filter(file__in=names)
        .exclude(application=application)
        .annotate(
            place=Window(
                RowNumber(), partition_by=F("file_id"),
                order_by=[F("application__file_number").asc(nulls_last=True), F("id").asc()],
            ),
            total=Window(Count("*"), partition_by=F("file_id")),
        )
        .filter(place__lte=SHOWN)
        .order_by("file_id", "place")
    )  # fmt: skip
    totals = dict(ranked.values_list("pk", "total"))
    known = Evidence.objects.select_related("application__enterprise").in_bulk(list(totals))
    found: dict[str, SameFile] = {}
    for row in (known[pk] for pk in totals):
        one = found.setdefault(row.file_id, SameFile(names[row.file_id], row.file_id, totals[row.pk], []))
        other = row.application
        one.others.append(
            Other(
                other.pk, other.enterprise.name, other.display_name, other.file_number or "草稿", other.state_label,
                row.name, other.enterprise_id == application.enterprise_id,
            )
        )  # fmt: skip
    return [found[sha256] for sha256 in names if sha256 in found]


class AlikeText(NamedTuple):
    """A filing of another enterprise with a topic named like this one, and the passages both texts share."""

    alike: Alike
    pk: int
    passages: list[similarity.Passage]


def alike_texts(application: Application, submission: Submission) -> list[AlikeText]:
    """Topics named alike among all enterprises' filings, each with the words in common. Two queries."""
    alike = similar.among_filed(application)
    rows = (
        Submission.objects.filter(application__uuid__in=[one.uuid for one in alike])
        .order_by("version")
        .values_list("application__uuid", "application_id", "data__topic__steps", "data__results__main_results")
    )
    latest = {str(uuid): (pk, text_of(steps, results)) for uuid, pk, steps, results in rows} if alike else {}
    own = text_of(submission.data["topic"]["steps"], submission.data["results"]["main_results"])
    return [
        AlikeText(one, latest[one.uuid][0], similarity.passages(own, latest[one.uuid][1]))
        for one in alike
        if one.uuid in latest
    ]


def text_of(steps: list[dict[str, str]] | None, results: str | None) -> str:
    """What the group did and reached, as filed."""
    return "\n".join(filter(None, [*(step["text"] for step in steps or []), results or ""]))


class ChosenAward(NamedTuple):
    name: str
    eligibility: str
    doubt: str


def chosen_awards(application: Application, submission: Submission) -> list[ChosenAward]:
    """单项奖 of the version with the year's conditions; ``doubt`` where the enterprise is of another industry.

    One query. An award of an industry has the industry's code (crosschecks asks the enterprise by the same rule).
    """
    codes = [award["code"] for award in submission.data["special_awards"] if award["chosen"]]
    if not codes:
        return []
    industry = submission.data["enterprise"]["industry"]
    found = []
    for award in SpecialAward.objects.filter(programme=application.round.programme_id, code__in=codes):
        meant = award.code.replace("-", "_")
        doubt = ""
        if industry and meant in Industry.values and meant != industry:
            doubt = f"单位登记的行业为“{Industry(industry).label}”，请看课题是否属于该领域。"
        found.append(ChosenAward(award.name, award.eligibility, doubt))
    return found
