"""What every page with a draft carries besides its form: digests, mark, autosave address, colleagues, kept entries."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django import forms
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from applications import merging, presence
from applications.forms.conflicts import entries
from qcportal import acting, kept

TAB_LENGTH = 20  # of the random name that a script gives its browser tab


class DraftPage(NamedTuple):
    """For the templates draft_*.html and static/js/autosave.js. ``url`` is empty where nothing is autosaved."""

    page: str
    url: str
    seen: Mapping[str, str]
    token: str
    people: list[presence.Colleague]
    unsaved: list[str]  # fields whose entries on the page are not stored: autosave takes them up
    restored: bool


def page_key(kind: str, owner: object, part: object = "") -> str:
    """Names one page of one owner, for presence, kept entries and the browser's local copy."""
    return f"{kind}:{owner}:{part}"


def draft_page(
    request: HttpRequest,
    page: str,
    enterprise_id: int,
    *,
    url: str,
    seen: Mapping[str, str],
    unsaved: Iterable[str] = (),
    restored: bool = False,
) -> DraftPage:
    """Looking at the page for editing is a sign of life; looking with somebody else's eyes is none."""
    people: list[presence.Colleague] = []
    if acting.looking_only():
        return DraftPage(page, "", {}, "", people, [], restored=False)
    if seen:
        people = list(presence.others(page, enterprise_id, request.user))  # type: ignore[arg-type]
        presence.mark(page, request.user)  # type: ignore[arg-type]
    return DraftPage(page, url, seen, kept.token(page), people, sorted(unsaved), restored)


def digests(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: merging.digest(value) for key, value in values.items()}


def completed(posted: QueryDict, stored: forms.BaseForm, names: Iterable[str]) -> QueryDict:
    """An autosave posts the fields ``names`` only; the form's other rules meet what is stored in the rest."""
    data = posted.copy()
    for name, field in stored.fields.items():
        if name != "seen_version" and name not in names and not isinstance(field, forms.FileField):
            bound = stored[name]
            data.setlist(bound.html_name, entries(field, bound.initial))
    return data


def restored_entries(request: HttpRequest, page: str) -> MultiValueDict[str, str] | None:
    """What was typed before the session ended; ``?discard`` gives it up."""
    if "discard" in request.GET:
        kept.forget(request, page)
        return None
    return kept.entries_of(request, page)
