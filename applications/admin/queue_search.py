"""Search of the queue: every word must be found somewhere of what people read out on the telephone."""

import re

from django.db.models import Exists, OuterRef, Q, QuerySet

from applications.models import Application, FormerName, Member

_SERIAL = re.compile(r"^\d{1,4}$")
_ROUND_AND_SERIAL = re.compile(r"^(\d)-(\d{1,4})$")
_LAST_DIGITS = re.compile(r"^\d{4,11}$")
MOST_WORDS = 5


def search(rows: QuerySet[Application], text: str) -> QuerySet[Application]:
    """File number (whole, 1-42 or 42), unit and its former names, credit code, group, topic, members, contact,
    telephone (whole or its last four digits and more)."""
    for word in text.split()[:MOST_WORDS]:
        rows = rows.filter(_found(word))
    return rows


def _found(word: str) -> Q:
    former = FormerName.objects.filter(enterprise=OuterRef("enterprise"), name__icontains=word)
    members = Member.objects.filter(application=OuterRef("pk"), name__icontains=word)
    found = (
        Q(file_number__icontains=word)
        | Q(enterprise__name__icontains=word)
        | Q(enterprise__credit_code__icontains=word)
        | Q(group_name__icontains=word)
        | Q(topic_name__icontains=word)
        | Q(contact_name__icontains=word)
        | Q(Exists(former))
        | Q(Exists(members))
    )
    return found | _by_number(word) | _by_phone(word)


def _by_number(word: str) -> Q:
    if _SERIAL.match(word):
        return Q(file_number__endswith=f"-{int(word):04d}")
    with_round = _ROUND_AND_SERIAL.match(word)
    return Q(file_number__endswith=f"-{with_round[1]}-{int(with_round[2]):04d}") if with_round else Q()


def _by_phone(word: str) -> Q:
    digits = re.sub(r"[-\s]", "", word)
    if not _LAST_DIGITS.match(digits):
        return Q()
    ends = Q(contact_phone__endswith=digits) | Q(enterprise__contact_phone__endswith=digits)
    return ends if len(digits) < 7 else ends | Q(contact_phone__contains=digits)
