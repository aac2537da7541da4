"""The weekly mail: to whom, what, never twice, never what they may not see."""

from __future__ import annotations

from datetime import date, timedelta
from smtplib import SMTPException

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

import cast
from parkbench.accounts.rules import Role
from parkbench.lib import jobs
from parkbench.lib.errors import NotFound
from parkbench.records.services import set_stewardship
from parkbench.records.visibility import Viewer
from parkbench.stewardship.models import Digest
from parkbench.stewardship.queries import mails as queries
from parkbench.stewardship.services.mails import choose_mail, send_digests

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def has_mail(settings):
    settings.HAS_MAIL = True


@pytest.fixture
def ada():
    """A reader who answers for an instrument that is due, whose support and insurance end soon."""
    somebody = cast.person("Ada", Role.READER)
    uid = cast.instrument(
        "Konfokal Ö1", cast.unit(), end_of_support_on="2026-12-24", insured_until_on="2026-12-25"
    )
    set_stewardship(
        kind="instrument", uid=uid, steward=somebody, review_due_on=date(2026, 11, 1), by=cast.OPERATOR
    )
    return somebody


def test_who_answers_for_something_due_gets_one_mail(ada):
    cast.person("Ben", Role.READER)
    assert send_digests(today=TODAY) == 1
    (sent,) = mail.outbox
    assert sent.to == ["ada@alpha.example"]
    assert "1 November 2026 (overdue): Konfokal Ö1, Light microscopy" in sent.body
    assert "24 December 2026: End of support, Konfokal Ö1" in sent.body
    assert "/stewardship/mail/" in sent.body
    html = sent.alternatives[0][0]
    assert "Konfokal Ö1</a>" in html
    assert "src=" not in html


def test_it_never_holds_what_the_person_may_not_see(ada):
    send_digests(today=TODAY)
    whole = mail.outbox[0].body + mail.outbox[0].alternatives[0][0]
    assert "Insurance" not in whole
    assert "25 December" not in whole


def test_the_same_week_is_never_written_about_twice(ada):
    assert send_digests(today=TODAY) == 1
    assert send_digests(today=TODAY + timedelta(days=6)) == 0
    assert send_digests(today=TODAY + timedelta(days=7)) == 1
    assert len(mail.outbox) == 2


def test_a_week_without_anything_is_dealt_with_too(ada):
    cast.person("Ben", Role.READER)
    send_digests(today=TODAY)
    assert Digest.objects.count() == 2
    assert Digest.objects.filter(is_sent=True).count() == 1


def test_a_mail_that_broke_off_is_not_sent_again(ada):
    Digest.objects.create(person=ada, week="2026-W48")
    assert send_digests(today=TODAY) == 0


def test_a_mail_claimed_by_another_worker_at_the_same_moment_is_left_to_it(ada, monkeypatch):
    from parkbench.stewardship.services import mails

    people = [ada]
    monkeypatch.setattr(mails, "waiting", lambda week: people)
    assert send_digests(today=TODAY) == 1
    assert send_digests(today=TODAY) == 0
    assert len(mail.outbox) == 1


def test_what_the_mail_server_refused_is_tried_again_and_others_get_theirs(ada, monkeypatch, caplog):
    ben = cast.person("Ben", Role.READER)
    uid = cast.instrument("Orbitrap", cast.unit("Proteomics"))
    set_stewardship(
        kind="instrument", uid=uid, steward=ben, review_due_on=date(2026, 11, 1), by=cast.OPERATOR
    )
    real = EmailBackend.send_messages

    def broken(self, messages):
        if messages[0].to == ["ada@alpha.example"]:
            raise SMTPException("mailbox full")
        return real(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", broken)
    assert send_digests(today=TODAY) == 1
    assert "mailbox full" in caplog.text
    assert "ada@" not in caplog.text
    monkeypatch.setattr(EmailBackend, "send_messages", real)
    assert send_digests(today=TODAY) == 1
    assert [sent.to for sent in mail.outbox] == [["ben@alpha.example"], ["ada@alpha.example"]]


def test_who_does_not_want_it_gets_none(ada):
    by = cast.viewer(ada)
    assert queries.wants_mail(viewer=by)
    choose_mail(wants_digest=False, by=by)
    assert not queries.wants_mail(viewer=by)
    assert send_digests(today=TODAY) == 0
    choose_mail(wants_digest=True, by=by)
    assert send_digests(today=TODAY) == 1
    with pytest.raises(NotFound):
        choose_mail(wants_digest=True, by=Viewer.public())


def test_who_may_not_sign_in_or_sees_nothing_gets_none(ada):
    ada.is_active = False
    ada.save()
    assert send_digests(today=TODAY) == 0
    ada.is_active = True
    ada.save()
    ada.grants.all().delete()
    assert send_digests(today=TODAY) == 0


def test_a_head_hears_of_the_own_unit_and_a_manager_not_of_everything(ada):
    from parkbench.programme.models import Unit

    cast.person("Hana", (Role.HEAD, str(Unit.objects.get().uid)))
    cast.person("Mona", Role.MANAGER)
    send_digests(today=TODAY)
    sent = {message.to[0]: message.body for message in mail.outbox}
    assert set(sent) == {"ada@alpha.example", "hana@alpha.example"}
    assert "Insurance ends, Konfokal Ö1" in sent["hana@alpha.example"]


def test_a_long_mail_is_cut_and_says_so(ada, monkeypatch):
    unit = cast.unit("Proteomics")
    for number in range(3):
        uid = cast.instrument(f"Orbitrap {number}", unit)
        set_stewardship(
            kind="instrument", uid=uid, steward=ada, review_due_on=date(2026, 11, 2), by=cast.OPERATOR
        )
    from parkbench.stewardship.services import mails

    for module in (mails, queries):
        monkeypatch.setattr(module, "MOST", 2)
    send_digests(today=TODAY)
    assert mail.outbox[0].body.count("(overdue)") == 2
    assert "There is more" in mail.outbox[0].body


def test_without_mail_settings_nothing_is_sent_and_nothing_noted(ada, settings):
    settings.HAS_MAIL = False
    assert send_digests(today=TODAY) == 0
    assert not Digest.objects.exists()


def test_a_job_sends_them():
    assert any(rhythm.name == "stewardship.send_digests" for rhythm in jobs.rhythms())
    jobs.run_job.func("stewardship.send_digests", {})
