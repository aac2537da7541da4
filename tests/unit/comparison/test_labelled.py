"""The form of the public benchmarks is read as it is written, or refused with the line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from parkbench.comparison.matching.described import Described
from parkbench.comparison.matching.features import NAMES
from parkbench.comparison.matching.labelled import LabelledError, LabelledPair, labels, measured, read_pairs

ONE = (
    "COL title VAL quorvex tx-4100 COL category VAL lab COL brand VAL quorvex COL modelno VAL tx4100 "
    "COL price VAL 12.5 \tCOL name VAL tx 4100 COL description VAL a COLOUR VALUE COL price VAL  \t1\n"
)


def file(folder: Path, text: str) -> Path:
    path = folder / "train.txt"
    path.write_text(text, encoding="utf-8")
    return path


def test_it_reads_two_things_and_the_label(tmp_path: Path) -> None:
    found = read_pairs(file(tmp_path, ONE + "\n" + ONE.replace("\t1\n", "\t0\r\n")))
    assert found[0] == LabelledPair(
        Described("quorvex tx-4100", maker="quorvex", model="tx4100", further="lab", price=12.5),
        Described("tx 4100", further="a COLOUR VALUE"),
        is_same=True,
    )
    assert labels(found).tolist() == [True, False]


def test_it_takes_a_price_of_nothing_for_unknown(tmp_path: Path) -> None:
    assert read_pairs(file(tmp_path, ONE.replace("12.5", "0.0")))[0].a.price is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (ONE.replace("\t1", ""), "line 2: expected two things and 0 or 1"),
        (ONE.replace("\t1", "\tyes"), "line 2: expected two things and 0 or 1"),
        (ONE.replace("COL category", "COL colour"), "line 2: found the column “colour”"),
        (ONE.replace("COL name VAL", "COL name"), "line 2: found the column"),
        (ONE.replace("COL name VAL tx 4100", ""), "line 2: found no title"),
        (ONE.replace("12.5", "cheap"), "line 2, price: found “cheap”"),
        (ONE.replace("12.5", "-3"), "line 2, price: found “-3”"),
        (ONE.replace("12.5", "nan"), "line 2, price: found “nan”"),
    ],
)
def test_it_names_the_line_that_is_wrong(tmp_path: Path, wrong: str, sentence: str) -> None:
    with pytest.raises(LabelledError, match=sentence):
        read_pairs(file(tmp_path, ONE + wrong))


def test_it_names_the_byte_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "train.txt").write_bytes(b"COL \xff")
    with pytest.raises(LabelledError, match=r"train\.txt: byte 4 is no UTF-8"):
        read_pairs(tmp_path / "train.txt")


def test_it_measures_each_split_by_the_words_of_all(tmp_path: Path) -> None:
    pairs = read_pairs(file(tmp_path, ONE))
    alone = measured(pairs)[0]
    together = measured(pairs, pairs * 2, [])
    assert [split.shape for split in together] == [(1, len(NAMES)), (2, len(NAMES)), (0, len(NAMES))]
    assert together[0].tolist() == alone.tolist()
