"""Charts: every text escaped, every figure said twice, nothing that a strict policy would refuse."""

from xml.etree import ElementTree as ET

import pytest

from parkbench.ui import charts

NASTY = '<script>alert(1)</script>"&'
BARS: list[charts.Bar] = [(NASTY, 3, "/park?a=1&b=2"), ("2020", 0, None), ("2021", 12.5, '/"><b>')]


def drawn() -> list[charts.Chart]:
    return [
        charts.columns_chart(NASTY, BARS, NASTY, note=NASTY),
        charts.bars_chart(NASTY, BARS, NASTY),
        charts.stacked_bar(NASTY, BARS, NASTY),
        charts.histogram(NASTY, [1, 6, 40], [0, 5, 10], NASTY, url_of=lambda low, high: NASTY),
        charts.sparkline(NASTY, [(NASTY, 1), ("b", 4)], NASTY),
    ]


@pytest.mark.parametrize("chart", drawn(), ids=["columns", "bars", "stacked", "histogram", "sparkline"])
def test_it_escapes_every_text_and_stays_well_formed(chart: charts.Chart) -> None:
    assert "<script" not in chart.svg
    assert "<b>" not in chart.svg
    assert "style=" not in chart.svg
    root = ET.fromstring(chart.svg)
    assert root.find("title") is not None
    assert root.findtext("title") == NASTY
    assert str(chart) == chart.svg == chart.__html__()


def test_it_says_every_figure_in_the_description_and_in_the_table() -> None:
    chart = charts.columns_chart("Age", [("2020", 12345, None), ("2021", 2.5, "/y")], "instruments")
    assert ET.fromstring(chart.svg).findtext("desc") == "instruments: 2020: 12\u202f345; 2021: 2.5."
    assert [(row.label, row.value, row.url) for row in chart.rows] == [
        ("2020", "12\u202f345", None),
        ("2021", "2.5", "/y"),
    ]


def test_it_is_an_image_without_links_and_a_group_with_them() -> None:
    assert 'role="img"' in charts.columns_chart("t", [("a", 1, None)]).svg
    linked = charts.columns_chart("t", [("a", 1, "/list")]).svg
    assert 'role="group"' in linked
    assert 'href="/list"' in linked
    assert "<title>a: 1</title>" in linked


def test_it_gives_each_part_of_a_stacked_bar_its_own_pattern_and_legend() -> None:
    chart = charts.stacked_bar(
        "Status", [("in service", 8, "/s"), ("limited", 2, None), ("ordered", 0, None)]
    )
    assert [row.label for _swatch, row in chart.legend] == ["in service", "limited", "ordered"]
    assert len({swatch for swatch, _row in chart.legend}) == 3
    assert chart.svg.count('class="chart-part"') == 2
    widths = [
        float(r.get("width", 0)) for r in ET.fromstring(chart.svg).iter() if r.get("class") == "chart-part"
    ]
    assert widths == [352.0, 88.0]


def test_it_counts_values_into_classes_and_says_what_is_left_out() -> None:
    chart = charts.histogram(
        "Age", [-1, 0, 4, 5, 9, 10, 99], [0, 5, 10], url_of=lambda low, high: f"/?from={low}&to={high}"
    )
    assert [(row.label, row.value) for row in chart.rows] == [("0–4", "2"), ("5–9", "2"), ("10+", "2")]
    assert chart.rows[2].url == "/?from=10&to=None"
    assert "1 below the first class are left out." in chart.svg


def test_it_names_narrow_and_broken_classes() -> None:
    assert [row.label for row in charts.histogram("t", [], [0, 1, 2]).rows] == ["0", "1", "2+"]
    assert charts.histogram("t", [], [0.5, 1.0]).rows[0].label == "0.5–1"


def test_it_refuses_edges_that_do_not_ascend_and_negative_values() -> None:
    with pytest.raises(ValueError, match="ascend"):
        charts.histogram("t", [], [5, 0])
    with pytest.raises(ValueError, match="negative value -1"):
        charts.bars_chart("t", [("a", -1, None)])


def test_it_draws_nothing_for_no_data() -> None:
    for chart in (charts.columns_chart("t", []), charts.stacked_bar("t", []), charts.sparkline("t", [])):
        assert chart.is_empty
        assert "No data." in chart.svg


def test_it_thins_labels_and_asks_for_room_when_there_are_many_columns() -> None:
    chart = charts.columns_chart("t", [(str(2000 + i), 1, None) for i in range(24)])
    assert chart.is_wide
    labels = [text for text in ET.fromstring(chart.svg).iter("text") if text.get("class") == "chart-label"]
    assert len([one for one in labels if one.text]) == 8
    assert len(chart.rows) == 24


def test_it_says_a_sentence_instead_of_columns_that_are_all_empty() -> None:
    chart = charts.columns_chart("Age", [("0-4", 0, "/y"), ("5+", 0, None)], instead="No ages yet.")
    assert (chart.is_empty, chart.svg, chart.instead) == (True, "", "No ages yet.")
    assert not charts.columns_chart("Age", [("0-4", 0, None), ("5+", 1, None)], instead="No.").is_empty
