"""Public identifiers and addresses are brought to one spelling, or refused with what was expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from parkbench.lib import identifiers
from parkbench.lib.money import check_currency


@pytest.mark.parametrize(
    ("check", "given", "kept"),
    [
        (identifiers.check_ror, "ror.org/048A87296", "https://ror.org/048a87296"),
        (identifiers.check_ror, "048a87296", "https://ror.org/048a87296"),
        (identifiers.check_country, " se", "SE"),
        (identifiers.check_url, "https://alpha.example/x ", "https://alpha.example/x"),
        (identifiers.check_mail, " core@alpha.example", "core@alpha.example"),
        (identifiers.check_orcid, "https://orcid.org/0000-0002-1825-0097", "0000-0002-1825-0097"),
        (identifiers.check_orcid, "000000021694233x", "0000-0002-1694-233X"),
        (check_currency, " sek", "SEK"),
    ],
)
def test_it_keeps_one_spelling(check: Callable[[str], str], given: str, kept: str) -> None:
    assert check(given) == kept
    assert check(kept) == kept


@pytest.mark.parametrize(
    ("check", "given", "expected"),
    [
        (identifiers.check_ror, "048", "ROR"),
        (identifiers.check_country, "SWE", "two letters"),
        (identifiers.check_url, "javascript:alert(1)", "https://"),
        (identifiers.check_mail, "core at alpha", "e-mail"),
        (identifiers.check_orcid, "0000-0002-1825-0098", "check digit"),
        (identifiers.check_orcid, "12", "ORCID"),
        (check_currency, "XXQ", "ISO 4217"),
    ],
)
def test_it_says_what_it_expected(check: Callable[[str], str], given: str, expected: str) -> None:
    with pytest.raises(ValueError, match=expected):
        check(given)
