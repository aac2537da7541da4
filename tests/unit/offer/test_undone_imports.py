"""An import that is undone leaves a unit in which a service stands."""

from __future__ import annotations

from typing import Any

import pytest

import cast
from parkbench.intake.services import undo
from parkbench.offer.models import Service
from parkbench.programme.models import Unit

pytestmark = pytest.mark.django_db
PARK = "Name;Model;Unit\nKalle;Zeiss LSM 980;Light microscopy\nSven;Illumina MiSeq;Sequencing\n"
OFFER = "Name;Unit\nConfocal imaging;Light microscopy\n"


def test_the_unit_of_a_service_stays_and_is_named(bring: Any) -> None:
    park = bring(PARK, target="instruments")
    bring(OFFER)
    done = undo(batch_id=park.pk, by=cast.OPERATOR)
    assert set(Unit.objects.own().live().values_list("name", flat=True)) == {"Light microscopy"}
    assert Service.objects.get().unit.deleted_at is None
    assert done.result["undo"]["still_used"] == {"unit": ["Light microscopy"]}
