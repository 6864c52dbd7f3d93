"""The head of every page by kind of person: what they may go to, and what they are called there."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from applications.models import Membership, Notice, Round
from qcportal import clock
from qcportal.roles import Role, roles_of


@dataclass(frozen=True)
class Item:
    label: str
    url: str
    current: bool = False


@dataclass(frozen=True)
class Person:
    """Who is looking, in words; ``initial`` fills the round badge."""

    name: str
    label: str
    initial: str


Link = tuple[str, str, dict[str, int | None]]

PUBLIC: list[Link] = [
    ("首页", "home", {}),
    ("通知公告", "notices", {}),
    ("活动日历", "calendar", {}),
    ("结果公示", "results", {}),
    ("证书核验", "verify", {}),
]
FILING: list[Link] = [("工作台", "applications:workspace", {})]
MANAGING: list[Link] = [("单位与成员", "applications:enterprise", {})]  # not for 填报人
FILING_ALL: list[Link] = [
    ("年度材料", "applications:report", {"year": None}),
    *MANAGING,
    ("消息", "applications:messages", {}),
]
RECOMMENDING: list[Link] = [("推荐意见", "applications:recommend", {})]
JUDGING: list[Link] = [("评审工作台", "reviews:dashboard", {})]
EVENTS: list[Link] = [("发布会", "events:list", {})]
STAFF: list[Link] = [("管理后台", "admin:index", {})]


def navigation(request: HttpRequest, membership: Membership | None, pages: Iterable[Notice] = ()) -> list[Item]:
    """The links of the head, for visitors with the fixed pages that belong there (``pages``). A page that another
    area has not provided is left out, not broken."""
    user = request.user
    if not user.is_authenticated:
        own = [page for page in pages if page.place == Notice.Place.HEAD]
        added = [Item(page.title, url, request.path == url) for page in own for url in [page.get_absolute_url()]]
        return [*_items(request.path, PUBLIC), *added]
    wanted: list[Link] = []
    if membership:
        wanted += FILING + [link for link in FILING_ALL if membership.manages or link not in MANAGING]
    if Role.RECOMMENDER in roles_of(user):
        wanted += RECOMMENDING
    if roles_of(user) & {Role.JUDGE, Role.LEAD_JUDGE}:
        wanted += JUDGING
    if roles_of(user) & {Role.EVENT_STAFF, Role.LEAD_JUDGE}:
        wanted += EVENTS
    if user.is_staff:
        wanted += STAFF
    return _items(request.path, wanted or PUBLIC[:3])


def _items(path: str, wanted: list[Link]) -> list[Item]:
    found = []
    for label, name, arguments in wanted:
        if arguments:
            arguments = {"year": _report_year()}
        try:
            found.append((label, reverse(name, kwargs=arguments)))
        except NoReverseMatch:
            continue
    # The longest address that begins this page's is the current one; "/" is only itself.
    matching = [url for _label, url in found if path == url or (url != "/" and path.startswith(url))]
    current = max(matching, key=len, default="")
    return [Item(label, url, url == current) for label, url in found]


def _report_year() -> int:
    """The year whose attachments are being filled in: of the round that is open or opened last."""
    opened = Round.objects.published().filter(opens_at__lte=clock.now()).order_by("-opens_at")
    return opened.values_list("programme__year", flat=True).first() or clock.now().year


def person(request: HttpRequest, membership: Membership | None) -> Person | None:
    """None for anonymous visitors."""
    user = request.user
    if not user.is_authenticated:
        return None
    label = membership.get_role_display() if membership else _role_label(user)  # type: ignore[attr-defined]
    name = str(user)
    return Person(name, label, name[:1])


def _role_label(user: object) -> str:
    if getattr(user, "is_superuser", False):
        return "系统管理员"
    codes = roles_of(user)
    for role in (Role.SECRETARIAT, Role.AUDITOR, Role.LEAD_JUDGE, Role.JUDGE, Role.EVENT_STAFF, Role.RECOMMENDER):
        if role in codes:
            return str(role.label)
    return "用户"
