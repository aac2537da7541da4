import pytest
from faults.test_gate_postgres import *  # noqa
from faults import test_gate_postgres as t
pytestmark = t.pytestmark
for n in [n for n in list(globals()) if n.startswith("test_")]: del globals()[n]
@pytest.mark.parametrize("seed",[1,2,3])
def test_plain(uids, monkeypatch, seed):
    monkeypatch.setattr(gate, "enter", lambda: None)
    with at_once(*[publisher(uids)] * PUBLISHERS, *[narrower(uids)] * NARROWERS, seed=seed):
        pass
    print("BEFORE WIDEN", len(differences()), differences()[:3])
    print(Section.objects.count(), Audience.objects.get(bit=1).head)
