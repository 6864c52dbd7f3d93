"""The page of an opinion that was given about a submitted version.

A document of its own beside the packet: the packet's bytes, the stamped paper and their codes follow from the
submission alone and never change because somebody recommended it later.
"""

from typing import Any

from applications.models import Decision, Recommendation, RecommendationPage
from applications.packets import assembly
from applications.packets.building import PDF_TYPE
from qcportal import clock, files, pdf


def build(opinion: Recommendation) -> RecommendationPage | None:
    """The opinion's page exists under the present template version. None for one that attachment 1 prints."""
    if opinion.submission_id is None:
        return None
    found = _current(opinion)
    if found is not None:
        return found
    made = rendered(opinion)
    row, _created = RecommendationPage.objects.get_or_create(
        recommendation=opinion,
        template_version=pdf.TEMPLATE_VERSION,
        defaults={"file": files.store(made.content, PDF_TYPE), "pages": made.pages, "built_at": clock.now()},
    )
    return row


def _current(opinion: Recommendation) -> RecommendationPage | None:
    return opinion.pages.filter(template_version=pdf.TEMPLATE_VERSION).select_related("file").first()


def newest(opinion: Recommendation) -> RecommendationPage | None:
    """The page to hand out: of the present template version, else the last one made before it."""
    return _current(opinion) or opinion.pages.select_related("file").order_by("-built_at", "-id").first()


def rendered(opinion: Recommendation) -> assembly.Assembled:
    """From the frozen JSON alone."""
    data = opinion.data
    title = f"{data['file_number']} 第{data['version']}版 推荐单位意见"
    footer = (
        f"推荐单位意见 · {data['file_number']} 第 {data['version']} 版 · 第 {{page}} 页 共 {{total}} 页 · "
        f"校验码 {opinion.code_grouped}"
    )
    layout = pdf.layout_template("opinion.html", _context(opinion))
    return assembly.assemble([assembly.own("推荐单位意见", layout, footer)], title=title)


def _context(opinion: Recommendation) -> dict[str, Any]:
    return {
        "data": opinion.data,
        "signer": opinion.personal or {},
        "code": opinion.code,
        "sha256": opinion.sha256,
        "qr": pdf.qr_svg(pdf.verify_url(opinion.code)),
        "recommends": opinion.data["decision"] == Decision.RECOMMEND,
        "declines": opinion.data["decision"] == Decision.DECLINE,
    }
