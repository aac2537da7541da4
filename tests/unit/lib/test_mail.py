"""A mail address becomes settings, or stops with what is allowed and without its password."""

import pytest

from parkbench.lib.env import BadSetting
from parkbench.lib.mail import mail_settings


def test_without_an_address_nothing_is_sent() -> None:
    found = mail_settings("")
    assert (found.is_set, found.backend) == (False, "django.core.mail.backends.dummy.EmailBackend")


@pytest.mark.parametrize(
    ("url", "host", "port", "is_starttls", "is_tls"),
    [
        ("smtp://mail.x.se", "mail.x.se", 25, False, False),
        ("smtp+starttls://mail.x.se", "mail.x.se", 587, True, False),
        ("smtps://mail.x.se", "mail.x.se", 465, False, True),
        ("smtps://mail.x.se:4650/", "mail.x.se", 4650, False, True),
    ],
)
def test_a_server_has_the_port_of_its_scheme(
    url: str, host: str, port: int, is_starttls: bool, is_tls: bool
) -> None:
    found = mail_settings(url)
    assert (found.host, found.port, found.is_starttls, found.is_tls) == (host, port, is_starttls, is_tls)
    assert found.is_set
    assert found.backend.endswith("smtp.EmailBackend")


def test_user_and_password_may_hold_any_sign() -> None:
    found = mail_settings("smtps://ada%40x.se:p%3Ass%2Fw@mail.x.se")
    assert (found.user, found.password) == ("ada@x.se", "p:ss/w")


def test_mail_can_go_to_the_screen_or_a_folder() -> None:
    assert mail_settings("console://").backend.endswith("console.EmailBackend")
    assert mail_settings("file:///var/mail/out").folder == "/var/mail/out"


@pytest.mark.parametrize(
    "url",
    [
        "mail.x.se",
        "https://mail.x.se",
        "smtp://",
        "smtp://u:secret@mail.x.se:port",
        "smtp://u:secret@mail.x.se:0",
        "smtp://u:secret@mail.x.se/path",
        "smtp://u:secret@mail.x.se?tls=1",
        "file://relative/secret",
        "smtp://u:secret@[mail",
    ],
)
def test_anything_else_stops_and_shows_no_secret(url: str) -> None:
    with pytest.raises(BadSetting) as stopped:
        mail_settings(url)
    assert "PARKBENCH_MAIL_URL" in str(stopped.value)
    assert "smtp+starttls://" in str(stopped.value)
    assert "secret" not in str(stopped.value)
