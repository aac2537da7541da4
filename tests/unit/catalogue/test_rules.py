"""Folding, keys, accessions and linking, without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parkbench.catalogue import rules
from parkbench.catalogue.rules import KnownMaker, KnownModel, link, link_index, maker_of

MAKERS = (
    KnownMaker("zeiss", ("ZEISS", "Carl Zeiss Microscopy GmbH", "Carl Zeiss")),
    KnownMaker("fei", ("FEI", "FEI Company"), successor="thermo-fisher"),
    KnownMaker("thermo-fisher", ("Thermo Fisher Scientific", "Thermo Fisher")),
    KnownMaker("orebro", ("Örebro Optik AB",)),
    KnownMaker("bio", ("Bio Ltd", "Same")),
    KnownMaker("bio-too", ("Bio Inc", "Same")),
)
MODELS = (
    KnownModel("zeiss/lsm-980", "zeiss", ("LSM 980", "LSM980 Airyscan 2")),
    KnownModel("zeiss/lsm-880", "zeiss", ("LSM 880",)),
    KnownModel("fei/titan-krios", "fei", ("Titan Krios", "Krios")),
    KnownModel("thermo-fisher/krios-g4", "thermo-fisher", ("Krios G4",)),
    KnownModel("thermo-fisher/q-exactive", "thermo-fisher", ("Q Exactive",)),
    KnownModel("thermo-fisher/q-exactive-plus", "thermo-fisher", ("Q Exactive Plus",)),
    KnownModel("orebro/a", "orebro", ("Mik", "Shared")),
    KnownModel("orebro/b", "orebro", ("Mok", "Shared")),
)
INDEX = link_index(MAKERS, MODELS)


@pytest.mark.parametrize(
    ("text", "folded", "slugged"),
    [
        ("LSM 980", "lsm980", "lsm-980"),
        ("  lsm-980 ", "lsm980", "lsm-980"),
        ("Örebro Optik", "orebrooptik", "orebro-optik"),
        ("Q Exactive+", "qexactiveplus", "q-exactive-plus"),
        ("FACSAria™ III", "facsariaiii", "facsaria-iii"),
        ("Straße", "strasse", "strasse"),
        ("顕微鏡 2", "顕微鏡2", "顕微鏡-2"),
        ("--- ", "", ""),
        ("snake_case", "snakecase", "snake-case"),
    ],
)
def test_names_fold_and_make_keys(text: str, folded: str, slugged: str) -> None:
    assert rules.fold(text) == folded
    assert rules.slug(text) == slugged


@given(st.text())
def test_folding_and_keys_are_stable(text: str) -> None:
    assert rules.fold(rules.fold(text)) == rules.fold(text)
    assert rules.slug(rules.slug(text)) == rules.slug(text)
    assert rules.fold(rules.slug(text)) == rules.fold(text)


@given(st.lists(st.text(alphabet="abc-", min_size=1)))
def test_barred_keys_come_back(keys: list[str]) -> None:
    assert rules.unbarred(rules.barred(keys)) == tuple(dict.fromkeys(keys))


def test_a_key_is_maker_and_designation() -> None:
    assert rules.canonical_key("zeiss", "LSM 980") == "zeiss/lsm-980"
    assert rules.folded_names("LSM 980", None, "lsm980", "---") == "|lsm980|"
    assert rules.folded_names(None, "") == ""


@pytest.mark.parametrize(
    ("check", "given_text", "kept"),
    [
        (rules.check_key, "zeiss/lsm-980", "zeiss/lsm-980"),
        (rules.check_name, "  LSM   980 ", "LSM 980"),
        (rules.check_rrid, "SCR_020293", "RRID:SCR_020293"),
        (rules.check_rrid, "rrid: SCR_020293", "RRID:SCR_020293"),
        (rules.check_psi_ms, "ms:1001911", "MS:1001911"),
        (rules.check_fbbi, "FBBI:00000251", "FBbi:00000251"),
        (rules.check_day, "2022", "2022"),
        (rules.check_day, "2022-04", "2022-04"),
        (rules.check_day, "2022-04-01", "2022-04-01"),
    ],
)
def test_identifiers_are_kept_in_one_spelling(check: object, given_text: str, kept: str) -> None:
    assert callable(check)
    assert check(given_text) == kept


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (rules.check_key, ""),
        (rules.check_key, "Zeiss/LSM"),
        (rules.check_key, "a/b/c"),
        (rules.check_key, "a/"),
        (rules.check_name, " - "),
        (rules.check_names, ["a|b"]),
        (rules.check_names, ["x" * 201]),
        (rules.check_keys, ["A"]),
        (rules.check_rrid, "x"),
        (rules.check_psi_ms, "MS:1"),
        (rules.check_fbbi, "00000251"),
        (rules.check_day, "2022-13"),
        (rules.check_day, "2022-02-30"),
        (rules.check_day, "soon"),
    ],
)
def test_what_is_no_identifier_is_refused_with_an_example(check: object, text: object) -> None:
    assert callable(check)
    with pytest.raises(ValueError, match="expected"):
        check(text)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("zeiss", "zeiss"),
        ("Carl Zeiss Microscopy GmbH", "zeiss"),
        ("Carl Zeiss Microscopy", "zeiss"),
        ("Carl  Zeiss AG", "zeiss"),
        ("Orebro Optik", "orebro"),
        ("FEI Co., Ltd.", "fei"),
        ("Bio Inc", "bio-too"),
        ("Bio", None),
        ("Same", None),
        ("Zeiss Nordic", None),
        ("AG", None),
        ("", None),
    ],
)
def test_a_maker_is_found_by_any_of_its_names(text: str, key: str | None) -> None:
    assert maker_of(text, INDEX.makers) == key


@pytest.mark.parametrize(
    ("maker", "model", "key"),
    [
        ("Zeiss", "LSM 980", "zeiss/lsm-980"),
        ("Carl Zeiss Microscopy GmbH", "Zeiss LSM980", "zeiss/lsm-980"),
        ("", "Carl Zeiss LSM-980", "zeiss/lsm-980"),
        ("Zeiss", "LSM980 airyscan 2", "zeiss/lsm-980"),
        ("Thermo Fisher", "Q Exactive+", "thermo-fisher/q-exactive-plus"),
        ("Thermo Fisher", "Titan Krios", "fei/titan-krios"),
        ("FEI", "Krios G4", "thermo-fisher/krios-g4"),
        ("Thermo Fisher Scientific", "FEI Titan Krios", "fei/titan-krios"),
        ("Zeiss", "LSM 980 NLO", None),
        ("Zeiss", "LSM", None),
        ("", "LSM 980", None),
        ("Nobody", "Zeiss LSM 980", None),
        ("Zeiss", "FEI Titan Krios", None),
        ("Zeiss", "", None),
        ("", "", None),
        ("Orebro Optik", "Shared", None),
        ("", "Zeiss", None),
    ],
)
def test_a_model_is_linked_only_when_both_texts_name_it_exactly(
    maker: str, model: str, key: str | None
) -> None:
    assert link(maker, model, INDEX) == key


@given(st.text(), st.text())
def test_linking_bears_any_text(maker: str, model: str) -> None:
    assert link(maker, model, INDEX) in {known.key for known in MODELS} | {None}


def test_a_circle_of_successors_ends() -> None:
    makers = (KnownMaker("a", ("A",), "b"), KnownMaker("b", ("B",), "a"))
    index = link_index(makers, (KnownModel("a/x", "a", ("X",)),))
    assert link("A", "X", index) == "a/x"


def test_a_tree_is_walked_down_and_up_and_circles_end() -> None:
    parents = {
        "light": None,
        "confocal": "light",
        "airyscan": "confocal",
        "electron": None,
        "x": "y",
        "y": "x",
    }
    assert rules.below("light", parents) == {"light", "confocal", "airyscan"}
    assert rules.below("nowhere", parents) == {"nowhere"}
    assert rules.above("airyscan", parents) == ("light", "confocal")
    assert rules.above("light", parents) == ()
    assert rules.above("x", parents) == ("y",)
    assert rules.below("x", parents) == {"x", "y"}
