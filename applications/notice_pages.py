"""Notices and fixed pages as they are shown: text with pictures, the files beside it, the places in the head."""

from datetime import datetime

from django.urls import reverse
from django.utils.safestring import SafeString

from applications.models import Notice, NoticeFile
from qcportal import richtext


def files_of(notice: Notice) -> list[NoticeFile]:
    return list(notice.files.select_related("file"))


def shown_body(notice: Notice, files: list[NoticeFile]) -> SafeString:
    named = {row.name: richtext.File(reverse("notice_file", args=[row.uuid, row.name]), row.is_image) for row in files}
    return richtext.render(notice.body, named)


def beside(notice: Notice, files: list[NoticeFile]) -> list[NoticeFile]:
    """The files that the text does not show as pictures already."""
    shown = richtext.pictures(notice.body)
    return [row for row in files if not (row.is_image and row.name in shown)]


def in_navigation(at: datetime) -> list[Notice]:
    """Published fixed pages that have a place in head or foot, in their order. One query."""
    pages = Notice.objects.published(at).pages().exclude(place="")
    return list(pages.order_by("position", "pk").only("slug", "title", "place", "kind"))
