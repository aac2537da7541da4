"""The command line says how a partnership stands on both sides, as the pages do, and refuses in words."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

import handshakes
from parkbench.exchange.management.commands import pull
from parkbench.exchange.models import Partner, PullRun
from parkbench.lib.errors import Refused
from parkbench.lib.whole import written_whole

pytestmark = pytest.mark.django_db
TERMS = ("--terms-version", "1.0", "--signatory", "Ada", "--their-signatory", "Bea")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"their_state": "ended"}, "ended there"),
        ({"their_state": "suspended"}, "suspended there"),
        ({"offered": "{}"}, "keys changed"),
        ({"problem": "The page was cut."}, "active, with a problem"),
        ({}, "active"),
    ],
)
def test_the_list_says_how_both_sides_stand(
    changes: dict[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    partner = handshakes.partner()
    Partner.objects.filter(pk=partner.pk).update(verified_at=timezone.now(), hidden_at=None, **changes)
    call_command("partner", "list")
    assert f"  {said}  " in capsys.readouterr().out


def test_a_pull_of_what_ended_there_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    partner = handshakes.partner()

    def ended(*, partner: int, reason: str) -> PullRun:
        Partner.objects.filter(pk=partner).update(their_state="ended")
        return PullRun.objects.create(
            partner_id=partner,
            reason=reason,
            started_at=timezone.now(),
            finished_at=timezone.now(),
            is_ok=True,
        )

    monkeypatch.setattr(pull, "pull", ended)
    call_command("pull", partner.home.address)
    said = capsys.readouterr().out
    assert "has ended the partnership on its side" in said
    assert "up to date" not in said


def test_a_name_with_marks_of_a_template_is_said_as_it_is() -> None:
    partner = handshakes.partner()
    partner.home.name = "100%(name)s %(else)s %"
    partner.home.save()
    out = io.StringIO()
    call_command("partner", "suspend", partner.home.address, stdout=out)
    call_command("partner", "end", partner.home.address, stdout=out)
    assert "invite 100%(name)s %(else)s % anew" in out.getvalue()


def test_a_day_that_is_none_is_refused_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises((CommandError, SystemExit)) as refused:
        call_command("partner", "confirm", "Beta", *TERMS, "--signed-on", "yesterday")
    said = f"{refused.value}{capsys.readouterr().err}"
    assert "“yesterday” is no day such as 2026-03-31" in said
    assert "isoformat" not in said


def test_a_second_recovery_sheet_asks_for_the_first() -> None:
    call_command("keys", "recovery-sheet", stdout=io.StringIO())
    with pytest.raises(CommandError, match=r"has a recovery key already.*--current"):
        call_command("keys", "recovery-sheet", stdout=io.StringIO())


def test_a_folder_is_no_file_to_write(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is a folder"), written_whole(tmp_path):
        raise AssertionError("nothing is written")
    assert list(tmp_path.parent.glob(f".{tmp_path.name}.*")) == []
