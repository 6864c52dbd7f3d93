"""The message centre: the words of the mails, for those who may know."""

from datetime import timedelta

from django.urls import reverse

from applications import letters
from applications.actions import checking, people
from applications.models import Membership
from qcportal import clock
from qcportal.models import MailKind, MailMessage, User
from tests import factories
from tests.applications import checked, documents

PAGE = reverse("applications:letters")


def subjects(person):
    person = User.objects.get(pk=person.pk)
    return [letter.subject for letter in letters.letters(person, Membership.objects.get(user=person))]


def test_a_receipt_is_read_in_the_portal_in_the_words_of_the_mail(client, owner):
    submission = documents.submitted(owner)
    mails = MailMessage.objects.filter(subject__contains=submission.file_number)
    assert mails.count() == 2  # contact and owner
    client.force_login(owner)
    text = client.get(PAGE).content.decode()
    assert text.count(mails[0].subject) == 1  # one letter, two addresses
    assert mails[0].to in text
    assert mails[1].to in text
    assert submission.code in text.replace("-", "").replace(" ", "")


def test_only_those_who_may_see_the_filing_read_its_letters(owner, rival):
    invited = factories.colleague(owner, username="clerk", name="李文静", role="clerk")
    other = factories.colleague(owner, username="clerk2", name="韩小青", role="clerk")
    submission = documents.submitted(owner)
    submission.application.clerks.add(invited)
    assert len(subjects(invited)) == 1
    assert subjects(other) == []
    assert subjects(rival) == []


def test_codes_and_links_with_a_secret_are_never_shown(owner):
    people.invite(
        factories.enterprise_of(owner), actor=owner, email=owner.email.replace("@", "+2@"), name="李佳", role="clerk",
        now=clock.now(),
    )  # fmt: skip
    MailMessage.objects.create(
        kind=MailKind.CODE, to=owner.email, subject="验证码", body="123456", created_at=clock.now(), recipient=owner
    )
    assert MailMessage.objects.count() == 2
    assert subjects(owner) == []


def test_new_letters_are_counted_until_they_are_looked_at(client, owner):
    documents.submitted(owner)
    assert owner.memberships.get().unread_messages == 1
    client.force_login(owner)
    assert 'tag--new">新' in client.get(PAGE).content.decode()
    assert 'tag--new">新' not in client.get(PAGE).content.decode()
    assert owner.memberships.get().unread_messages == 0


def test_a_return_letter_stands_among_the_letters(owner, secretary):
    application = checked.submitted(owner)
    check = checked.open_check(application, secretary)
    checking.return_for_correction(
        check, actor=secretary, reason="请补充财务证明", remarks=[], open_fields=["evidence"],
        correction_due_at=clock.now() + timedelta(days=5),
    )  # fmt: skip
    assert subjects(owner)[0].startswith("请补正")
