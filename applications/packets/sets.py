"""纸质套: what one enterprise prints and hands in once per round, from its latest submissions."""

from applications.models import Enterprise, PaperPart, PaperSet, Round
from applications.packets import assembly, building, parts
from applications.packets.constituents import Constituents
from qcportal import clock, files, pdf


def current_set(held: Constituents) -> PaperSet | None:
    rows = PaperSet.objects.filter(enterprise=held.enterprise, round=held.round, fingerprint=held.fingerprint)
    return rows.filter(template_version=pdf.TEMPLATE_VERSION).select_related("file").first()


def build_set(enterprise: Enterprise, round_: Round) -> PaperSet | None:
    """The enterprise's paper set of the round exists as of now; None when nothing is filed any more.

    A new template renders it again under the same code.
    """
    held = Constituents(enterprise, round_)
    if not held.submissions:
        return None
    found = current_set(held)
    if found is not None:
        return found
    cover, *rest = parts.build(held)
    made = combined([cover, *rest], title=f"{held.submissions[0].data['enterprise']['name']} {round_} 纸质套")
    built = {
        "parts": parts.listed(held, rest),
        "file": files.store(made.content, building.PDF_TYPE),
        "pages": made.pages,
        "template_version": pdf.TEMPLATE_VERSION,
        "built_at": clock.now(),
    }
    row, _created = PaperSet.objects.update_or_create(
        enterprise=enterprise,
        round=round_,
        fingerprint=held.fingerprint,
        defaults=built,
        create_defaults={**built, "code": cover.code},
    )
    return row


def combined(rows: list[PaperPart], *, title: str) -> assembly.Assembled:
    """These parts as one document to print; those without a file (purged) are left out."""
    return assembly.combine([(row.label, files.read(row.file)) for row in rows if row.file is not None], title=title)
