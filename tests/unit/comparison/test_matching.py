"""Names are seen to be models by their structure and the register, in five languages."""

from pathlib import Path

import pytest

from parkbench.comparison.matching import (
    Answer,
    Decisions,
    Matcher,
    Mention,
    RegisterError,
    compare,
    read_register,
    related,
    shipped_register,
)
from unit.comparison.invented import answer, register

MAY_NOT_MERGE = {
    "Illumina": ("NovaSeq 6000", "NovaSeq 6000Dx", "NovaSeq X", "NovaSeq X Plus", "NextSeq 500",
                 "NextSeq 550", "NextSeq 1000", "NextSeq 2000"),
    "Thermo Fisher": ("Q Exactive", "Q Exactive Plus", "Q Exactive HF", "Q Exactive HF-X"),
    "Bruker": ("timsTOF Pro", "timsTOF Pro 2", "timsTOF HT", "timsTOF SCP", "timsTOF Ultra"),
    "Zeiss": ("LSM 880", "LSM 980", "Axio Observer 3", "Axio Observer 5", "Axio Observer 7"),
    "BD": ("FACSAria II", "FACSAria III", "FACSAria Fusion"),
    "Vizgen": ("MERSCOPE", "MERSCOPE Ultra"),
    "Revvity": ("Opera Phenix", "Opera Phenix Plus"),
    "PacBio": ("Sequel", "Sequel II", "Sequel IIe", "Revio"),
}  # fmt: skip
WAYS = ("{}", "{maker} {}", "{} ({maker}), room 2.13", "2 x {}", "{glued}", "{lower}")


@pytest.fixture(scope="module")
def shipped() -> Matcher:
    return Matcher(shipped_register())


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Matcher:
    return Matcher(register(tmp_path_factory.mktemp("register")))


@pytest.mark.parametrize("maker", MAY_NOT_MERGE)
def test_it_never_merges_siblings(shipped: Matcher, maker: str) -> None:
    keys: dict[str, set[str]] = {}
    for name in MAY_NOT_MERGE[maker]:
        for way in WAYS:
            text = way.format(name, maker=maker, glued=name.replace(" ", ""), lower=name.lower())
            found = answer(shipped, text)
            if found.key:
                keys.setdefault(found.key, set()).add(name)
    assert keys
    assert [names for names in keys.values() if len(names) > 1] == []


@pytest.mark.parametrize("maker", MAY_NOT_MERGE)
def test_it_proposes_a_sibling_that_the_register_does_not_have(tmp_path: Path, maker: str) -> None:
    for own in MAY_NOT_MERGE[maker]:
        matcher = Matcher(register(tmp_path, f"maker,designation,family\n{maker},{own},\n"))
        for other in MAY_NOT_MERGE[maker]:
            found = answer(matcher, other, maker)
            assert (found.status == "matched") == (other == own), (own, other, found)


@pytest.mark.parametrize(
    ("text", "maker", "designation"),
    [
        ("Quorvane Zelkar300 Zentrifuge, Raum 2.13", "", "Zelkar 300"),
        ("zelkar 300 R", "", "Zelkar 300R"),
        ("Zelkar 450+", "", "Zelkar 450 Plus"),
        ("ZELKAR-450", "Quorvane Instruments GmbH", "Zelkar 450"),
        ("centrifug Zelkar Pro2, inköpt 2019, 2 st", "", "Zelkar Pro 2"),
        ("BX Flow 3", "Braxel Optics", "BX-Flow III"),
        ("Miorlux HFX avec caméra", "", "Mirolux HF-X"),
        ("Mirolux HF (not HF-X)", "", "Mirolux HF"),
        ("Zelkar 450, s/n 300-12", "", "Zelkar 450"),
        ("microscoop Mirolux HF, kamer 3.12, nieuw 2021", "", "Mirolux HF"),
        ("OVD", "Tandrel", "Ovarion Desk System"),
        ("Mirolux HF 5plex", "", "Mirolux HF"),
        ("Mirolux HF 10/3", "", "Mirolux HF"),
        ("Mirolux HF vandaag", "", "Mirolux HF"),
        ("Zelkar Pro 2 KVD-4711", "", "Zelkar Pro 2"),
        ("Zelkar 3OO", "", "Zelkar 300"),
    ],
)
def test_it_matches_names_however_they_are_written(
    invented: Matcher, text: str, maker: str, designation: str
) -> None:
    found = answer(invented, text, maker)
    assert (found.status, found.model) == ("matched", designation), found


@pytest.mark.parametrize(
    "text",
    [
        "Zelkar 500",
        "Zelkar 300RX",
        "Zelkar 4500",
        "Zelkar Ultra",
        "BX-Flow IV",
        "Mirolux Plus",
        "Mirolux HF 2",
        "KV-220X",
    ],
)
def test_it_proposes_what_the_register_does_not_have(invented: Matcher, text: str) -> None:
    assert answer(invented, text).status == "proposed"


@pytest.mark.parametrize(
    "text", ["Zelkar", "Quorvane Zelkar centrifuge", "Zelkar, model unknown", "Mirolux HF oder HF-X?"]
)
def test_it_leaves_open_what_names_only_a_line_or_is_not_certain(invented: Matcher, text: str) -> None:
    assert answer(invented, text).status == "undecided"


@pytest.mark.parametrize(
    "text",
    [
        "Summe Zelkar 12.000,00",
        "TOTAL centrifuges: 4",
        "Servicevertrag Zelkar 450",
        "contrat de maintenance Mirolux HF",
        "serviceavtal för Zelkar 300",
        "onderhoudscontract Zelkar 300",
        "Laborschrank neben Zelkar 450",
        "laptop for TX 9000",
        "Rotor für Zelkar 300",
        "objective 63x for Mirolux",
        "Zelkar 300 reagent kit",
        "Mirolux software licence",
        "chaise de bureau",
        "pipettspetsar 50 µl",
        "--- Room 4.02 ---",
        "",
        "?",
        "2019",
    ],
)
def test_it_takes_no_row_for_an_instrument_that_is_none(invented: Matcher, text: str) -> None:
    found = answer(invented, text)
    assert found.status == "none", found
    assert found.why.endswith(".")


def test_it_takes_fittings_for_the_configuration(shipped: Matcher) -> None:
    one = answer(shipped, "Zeiss LSM980 Airyscan2, Carl Zeiss Microscopy GmbH")
    other = answer(shipped, "LSM 980 with Airyscan 2 (ZEISS)")
    plain = answer(shipped, "Zeiss LSM 980")
    assert related(one, other) == "same configuration"
    assert related(one, plain) == "same model"
    assert related(one, answer(shipped, "Zeiss LSM 880")) == "same family"
    assert related(one, answer(shipped, "NovaSeq 6000")) is None


def test_it_knows_makers_of_one_succession_and_no_other(shipped: Matcher) -> None:
    assert (
        answer(shipped, "Opera Phenix", "PerkinElmer").key == answer(shipped, "Opera Phenix", "Revvity").key
    )
    assert answer(shipped, "Opera Phenix", "Illumina").status != "matched"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Zelkar 450", "Zelkar 450 X"),
        ("Zelkar 450", "Zelkar 450X, room 2"),
        ("Zelkar 450", "Zelkar 450-G gradient cycler"),
        ("Zelkar 450", "Zelkar 450 M mikroskop"),
    ],
)
def test_it_takes_a_letter_behind_a_figure_for_another_model(invented: Matcher, one: str, other: str) -> None:
    known, more = answer(invented, one), answer(invented, other)
    assert known.status == "matched"
    assert more.status != "matched"
    assert more.key != known.key


def test_it_never_gives_the_only_member_of_a_line_to_a_text_with_the_line_alone(tmp_path: Path) -> None:
    known = register(
        tmp_path,
        "maker,designation,family\nKestrand,Amplira 7,Amplira\nKestrand,Porelle,Porelle\n",
    )
    matcher = Matcher(known)
    assert answer(matcher, "Kestrand Amplira").status == "undecided"
    assert answer(matcher, "Kestrand Amplira 9").status == "proposed"
    assert answer(matcher, "Kestrand Amplira I, alt").key != "kestrand/amplira-7"
    assert answer(matcher, "Kestrand Porelle").key == "kestrand/porelle"


def test_it_groups_proposed_models_of_different_sheets(invented: Matcher) -> None:
    texts = ("Zelkar 500", "Quorvane ZELKAR-500 Zentrifuge", "zelkar500, rum 12")
    assert len({answer(invented, text).key for text in texts}) == 1
    assert answer(invented, "Zelkar 600").key != answer(invented, "Zelkar 500").key


def test_it_never_overturns_what_people_decided(tmp_path: Path) -> None:
    known = register(tmp_path)
    right = Mention("our old grey one, basement")
    wrong = Mention("Zelkar 450")
    key, refused = "tandrel/tx-9000", "quorvane-instruments/zelkar-450"
    matcher = Matcher(known, decisions=Decisions(confirmed=((right, key),), rejected=((wrong, refused),)))
    assert matcher.match([right])[0].key == key
    open_answer = matcher.match([Mention("zelkar  450 ")])[0]
    assert (open_answer.status, open_answer.key) == ("undecided", "")
    assert "not Zelkar 450" in open_answer.why
    assert Matcher(known).match([wrong])[0].key == refused


def test_it_explains_with_the_two_pieces_of_text_and_vetoes(invented: Matcher) -> None:
    found = compare(Mention("Quorvane Zelkar300, room 3"), Mention("ZELKAR 450"), invented.register)
    assert found.relation == "same family"
    assert found.score < 0.5
    assert found.vetoes == ("Different figures: 'Zelkar300' and 'ZELKAR 450'.",)
    figures = next(one for one in found.contributions if one.name == "figures")
    assert (figures.text_a, figures.text_b) == ("300", "450")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "no column maker"),
        ("maker,model\nA,B\n", "no column designation"),
        ("maker,designation\n", "is empty"),
        ("maker,designation\n,X 1\n", "row 1: maker is empty"),
        ("maker,designation\nAcme,--\n", "row 1: designation is empty"),
        ("maker,designation\nAcme,X 1\nAcme,X-1\n", "row 2: the model acme/x-1 stands twice"),
    ],
)
def test_it_says_in_words_what_is_wrong_with_a_register(tmp_path: Path, rows: str, said: str) -> None:
    with pytest.raises(RegisterError, match=said):
        register(tmp_path, rows)


def test_it_says_which_file_of_a_register_is_missing_or_unreadable(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match=r"no file makers\.csv"):
        read_register(tmp_path)
    (tmp_path / "bytes.csv").write_bytes(b"\xff\xfe\x00maker")
    with pytest.raises(RegisterError, match="cannot be read"):
        read_register(tmp_path / "bytes.csv")


def test_it_reads_the_kinds_of_words_or_says_which_are_known(tmp_path: Path) -> None:
    (tmp_path / "makers.csv").write_text("key,name\nacme,Acme\n", encoding="utf-8")
    (tmp_path / "models.csv").write_text("maker,designation\nacme,X 100\n", encoding="utf-8")
    (tmp_path / "words.csv").write_text("kind,language,word\nodd,en,x\n", encoding="utf-8")
    with pytest.raises(RegisterError, match="row 1: kind 'odd' is none of accessory"):
        read_register(tmp_path)


def test_an_answer_is_none_for_a_text_without_letters(invented: Matcher) -> None:
    assert answer(invented, "...") == Answer("none", why="The text holds no designation of a device model.")
