"""The shipped register of makers, techniques and device models holds together as a table of facts."""

import csv
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path

import pytest

Row = dict[str, str]

ROOT = Path(__file__).resolve().parents[3]
REGISTER = ROOT / "src" / "parkbench" / "catalogue" / "register"
REFERENCE = ROOT.parent / "shared" / "reference"

MAKER_COLUMNS = [
    "key",
    "name",
    "aliases",
    "ror",
    "country",
    "website",
    "successor",
    "succeeded_on",
    "source",
    "licence",
]
TECHNIQUE_COLUMNS = [
    "key",
    "name",
    "aliases",
    "parent",
    "fbbi",
    "source",
    "licence",
]
MODEL_COLUMNS = [
    "key",
    "maker",
    "family",
    "designation",
    "aliases",
    "techniques",
    "rrid",
    "psi_ms",
    "ena",
    "end_of_sale_on",
    "end_of_service_on",
    "typical_life_years",
    "export_control",
    "successor",
    "source",
    "licence",
]

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
LICENCES = {"facts", "CC0 1.0", "CC BY 4.0", "MIT", "Apache-2.0"}
SOURCE_OF = {"rrid": "HuBMAP", "psi_ms": "psi-ms-CV", "ena": "ENA"}
CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"


def read(name: str) -> tuple[list[str], list[Row]]:
    with (REGISTER / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        rows = list(reader)
    return list(reader.fieldnames or []), rows


MAKER_HEADER, MAKERS = read("makers.csv")
TECHNIQUE_HEADER, TECHNIQUES = read("techniques.csv")
MODEL_HEADER, MODELS = read("models.csv")
MAKER_KEYS = {row["key"] for row in MAKERS}
TECHNIQUE_KEYS = {row["key"] for row in TECHNIQUES}
MODEL_KEYS = {row["key"] for row in MODELS}
EVERY_ROW = [*MAKERS, *TECHNIQUES, *MODELS]


def listed(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def core(text: str) -> str:
    """Letters and digits, caseless; a plus sign counts as the word, because 7600 and 7600+ are two models."""
    plain = unicodedata.normalize("NFKD", text.replace("+", "plus")).casefold()
    return re.sub(r"[^a-z0-9]", "", plain)


def names(row: Mapping[str, str]) -> set[str]:
    return {core(name) for name in (row["designation"], *listed(row["aliases"]))}


def repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in Counter(values).items() if count > 1]


def circles(links: Mapping[str, str]) -> list[str]:
    """Keys from which following the links never ends."""
    found = []
    for start in links:
        seen, at = {start}, links[start]
        while at and at not in seen:
            seen.add(at)
            at = links.get(at, "")
        if at:
            found.append(start)
    return found


def owners_of_names(rows: Iterable[Row]) -> dict[str, set[str]]:
    owners: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for name in (row["key"], row["name"], *listed(row["aliases"])):
            owners[name.casefold()].add(row["key"])
    return owners


def misordered(sale: str, service: str) -> bool:
    return bool(sale and service) and date.fromisoformat(service) < date.fromisoformat(sale)


def reference(path: str) -> Path:
    found = REFERENCE / path
    if not found.exists():
        pytest.skip(f"the reference folder is absent: {path} is expected under ../shared/reference")
    return found


def table(path: str, delimiter: str = "\t") -> list[Row]:
    with reference(path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


# --- shape -----------------------------------------------------------------------------------------------


def test_it_has_the_agreed_columns() -> None:
    assert MAKER_HEADER == MAKER_COLUMNS
    assert TECHNIQUE_HEADER == TECHNIQUE_COLUMNS
    assert MODEL_HEADER == MODEL_COLUMNS


def test_it_is_large_enough_to_begin_with() -> None:
    assert len(MAKERS) >= 150
    assert len(TECHNIQUES) >= 120
    assert len(MODELS) >= 900


def test_it_has_no_cell_missing_or_padded_and_no_empty_or_repeated_list_item() -> None:
    for row in EVERY_ROW:
        for column, value in row.items():
            assert value is not None, f"{row['key']}: {column} is missing"
            assert value == value.strip(), f"{row['key']}: {column} has blanks around it"
        for column in ("aliases", "techniques"):
            items = listed(row.get(column, ""))
            assert all(item and item == item.strip() for item in items), f"{row['key']}: {column}"
            assert not repeated(item.casefold() for item in items), f"{row['key']}: {column}"


def test_it_stores_text_in_composed_form() -> None:
    for name in ("makers.csv", "techniques.csv", "models.csv"):
        text = (REGISTER / name).read_bytes().decode("utf-8")
        assert unicodedata.is_normalized("NFC", text), name
        assert not text.startswith("\ufeff"), f"{name} starts with a byte order mark"


@pytest.mark.parametrize("rows", [MAKERS, TECHNIQUES, MODELS], ids=["makers", "techniques", "models"])
def test_it_has_unique_keys(rows: list[Row]) -> None:
    assert repeated(row["key"] for row in rows) == []


def test_it_has_slugs_for_keys() -> None:
    bad = [row["key"] for row in (*MAKERS, *TECHNIQUES) if not re.fullmatch(SLUG, row["key"])]
    bad += [row["key"] for row in MODELS if not re.fullmatch(f"{SLUG}/{SLUG}", row["key"])]
    assert bad == []


def test_it_names_a_source_and_an_open_licence_on_every_row() -> None:
    for row in EVERY_ROW:
        assert row["source"], row["key"]
        assert row["licence"], row["key"]
        assert set(row["licence"].split("; ")) <= LICENCES, row["key"]


# --- links -----------------------------------------------------------------------------------------------


def test_it_resolves_every_maker_technique_parent_and_successor() -> None:
    dangling = [
        *(row["key"] for row in MAKERS if row["successor"] and row["successor"] not in MAKER_KEYS),
        *(row["key"] for row in TECHNIQUES if row["parent"] and row["parent"] not in TECHNIQUE_KEYS),
        *(row["key"] for row in MODELS if row["maker"] not in MAKER_KEYS),
        *(row["key"] for row in MODELS if row["successor"] and row["successor"] not in MODEL_KEYS),
        *(row["key"] for row in MODELS if not set(listed(row["techniques"])) <= TECHNIQUE_KEYS),
    ]
    assert dangling == []


def test_it_has_no_circle_of_parents_or_successors() -> None:
    assert circles({row["key"]: row["parent"] for row in TECHNIQUES}) == []
    assert circles({row["key"]: row["successor"] for row in MAKERS}) == []
    assert circles({row["key"]: row["successor"] for row in MODELS}) == []


def test_it_would_see_a_circle() -> None:
    assert circles({"a": "b", "b": "c", "c": "a", "d": "a", "e": ""}) == ["a", "b", "c", "d"]
    assert circles({"a": "a"}) == ["a"]


def test_it_puts_every_model_under_its_maker_and_gives_it_a_family_and_a_technique() -> None:
    for row in MODELS:
        assert row["key"].startswith(f"{row['maker']}/"), row["key"]
        assert row["family"], row["key"]
        assert row["designation"], row["key"]
        assert row["techniques"], row["key"]


# --- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [MAKERS, TECHNIQUES], ids=["makers", "techniques"])
def test_it_gives_every_name_and_alias_to_one_row_only(rows: list[Row]) -> None:
    shared = {name: owners for name, owners in owners_of_names(rows).items() if len(owners) > 1}
    assert shared == {}


def test_it_has_no_two_models_of_one_maker_with_the_same_designation() -> None:
    assert repeated(f"{row['maker']}/{core(row['designation'])}" for row in MODELS) == []


def test_it_has_no_alias_that_is_another_model_of_the_same_maker() -> None:
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in MODELS:
        for name in names(row):
            owners[row["maker"], name].add(row["key"])
    assert {name: keys for name, keys in owners.items() if len(keys) > 1} == {}


def test_it_has_no_name_shared_along_a_succession_of_makers() -> None:
    """A product sold under its maker's new owner is the same model, so one name must not lead to two."""
    heirs = {row["key"]: row["successor"] for row in MAKERS}
    owners: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in MODELS:
        last = row["maker"]
        while heirs[last]:
            last = heirs[last]
        for name in names(row):
            owners[last, name].add(row["key"])
    assert {name: keys for name, keys in owners.items() if len(keys) > 1} == {}


def test_it_has_no_alias_that_only_repeats_the_designation() -> None:
    idle = [
        row["key"]
        for row in MODELS
        if core(row["designation"]) in {core(alias) for alias in listed(row["aliases"])}
    ]
    assert idle == []


@pytest.mark.parametrize(
    "siblings",
    [
        "illumina/novaseq-6000 illumina/novaseq-6000dx illumina/novaseq-x illumina/novaseq-x-plus",
        "illumina/nextseq-500 illumina/nextseq-550 illumina/nextseq-1000 illumina/nextseq-2000",
        "thermo-fisher/q-exactive thermo-fisher/q-exactive-plus thermo-fisher/q-exactive-hf "
        "thermo-fisher/q-exactive-hf-x",
        "bruker/timstof-pro bruker/timstof-pro-2 bruker/timstof-ht bruker/timstof-scp bruker/timstof-ultra",
        "zeiss/lsm-880 zeiss/lsm-980",
        "zeiss/axio-observer-3 zeiss/axio-observer-5 zeiss/axio-observer-7",
        "bd/facsaria-ii bd/facsaria-iii bd/facsaria-fusion",
        "vizgen/merscope vizgen/merscope-ultra",
        "revvity/opera-phenix revvity/opera-phenix-plus",
        "pacbio/sequel pacbio/sequel-ii pacbio/sequel-iie pacbio/revio",
    ],
)
def test_it_lists_siblings_that_must_not_be_merged_as_rows_of_their_own(siblings: str) -> None:
    assert set(siblings.split()) <= MODEL_KEYS


# --- values ----------------------------------------------------------------------------------------------


def test_it_has_well_formed_dates_in_order() -> None:
    for row in MAKERS:
        if row["succeeded_on"]:
            assert row["successor"], f"{row['key']} has a date of succession but no successor"
            whole = row["succeeded_on"] if len(row["succeeded_on"]) > 4 else f"{row['succeeded_on']}-01-01"
            assert 1900 < date.fromisoformat(whole).year < 2100, row["key"]
    for row in MODELS:
        for column in ("end_of_sale_on", "end_of_service_on"):
            assert not row[column] or date.fromisoformat(row[column]), row["key"]
        assert not misordered(row["end_of_sale_on"], row["end_of_service_on"]), row["key"]


def test_it_would_see_service_ending_before_sale() -> None:
    assert misordered("2020-06-30", "2019-12-31")
    assert not misordered("2020-06-30", "2020-06-30")
    assert not misordered("2020-06-30", "")


def test_it_marks_a_typical_life_as_a_planning_assumption() -> None:
    for row in MODELS:
        if row["typical_life_years"]:
            assert 3 <= int(row["typical_life_years"]) <= 25, row["key"]
            assert "planning assumption" in row["source"], row["key"]


def test_it_has_country_codes_and_secure_websites() -> None:
    for row in MAKERS:
        assert not row["country"] or re.fullmatch(r"[A-Z]{2}", row["country"]), row["key"]
        assert not row["website"] or re.fullmatch(r"https://[a-z0-9.-]+", row["website"]), row["key"]


def test_it_has_ror_ids_whose_check_digits_hold() -> None:
    """ISO/IEC 7064 MOD 97-10 over the six base-32 digits between the leading zero and the check digits."""
    for row in MAKERS:
        if row["ror"]:
            assert re.fullmatch(r"0[0-9a-hj-km-np-tv-z]{6}[0-9]{2}", row["ror"]), row["key"]
            number = 0
            for letter in row["ror"][1:7]:
                number = number * 32 + CROCKFORD.index(letter)
            assert 98 - number * 100 % 97 == int(row["ror"][7:]), row["key"]


@pytest.mark.parametrize("column", ["rrid", "psi_ms", "ena"])
def test_it_gives_an_accession_to_one_model_only_and_names_where_it_is_from(column: str) -> None:
    rows = [row for row in MODELS if row[column]]
    assert rows
    assert repeated(row[column] for row in rows) == []
    assert [row["key"] for row in rows if SOURCE_OF[column] not in row["source"]] == []


# --- accessions against the vocabularies they come from --------------------------------------------------


def test_it_takes_mass_spectrometer_accessions_from_psi_ms() -> None:
    known = {row["id"]: row["name"] for row in table("psi-ms/ms_instrument_models.tsv")}
    for row in MODELS:
        if row["psi_ms"]:
            assert core(known[row["psi_ms"]]) in names(row), row["key"]


def test_it_takes_instrument_rrids_from_hubmap() -> None:
    known = defaultdict(set)
    for row in table("hubmap/hubmap_instrument_terms.tsv"):
        known[row["iri"].rsplit("/", 1)[-1]].add(core(row["label"]))
    for row in MODELS:
        if row["rrid"]:
            assert known[row["rrid"]] & names(row), row["key"]


def test_it_takes_sequencer_names_from_ena() -> None:
    known = {row["instrument_model"] for row in table("ena/ena_sequencer_models.tsv")}
    makers = {row["key"]: (row["name"], *listed(row["aliases"])) for row in MAKERS}
    for row in MODELS:
        if row["ena"]:
            assert row["ena"] in known, row["key"]
            with_maker = {core(maker) + name for maker in makers[row["maker"]] for name in names(row)}
            short = {core(maker.split()[0]) + name for maker in makers[row["maker"]] for name in names(row)}
            assert core(row["ena"]) in names(row) | with_maker | short, row["key"]


def test_it_takes_imaging_terms_from_fbbi() -> None:
    known = {row["id"].replace("_", ":") for row in table("fbbi/fbbi_terms.tsv")}
    assert [row["key"] for row in TECHNIQUES if row["fbbi"] and row["fbbi"] not in known] == []


def test_it_takes_ror_ids_from_the_list_of_manufacturers() -> None:
    listing = table("manufacturers/aind-organizations.csv", delimiter=",")
    known = {(core(row["name"]), row["registry_identifier"]) for row in listing}
    for row in MAKERS:
        if row["ror"]:
            called = {core(name) for name in (row["name"], *listed(row["aliases"]))}
            assert {(name, row["ror"]) for name in called} & known, row["key"]


# --- words of languages ----------------------------------------------------------------------------------


def test_words_for_kinds_of_instruments_tell_techniques_of_the_register() -> None:
    _, words = read("words.csv")
    told = {row["means"] for row in words if row["kind"] == "generic" and row["means"]}
    assert told
    assert told <= TECHNIQUE_KEYS
