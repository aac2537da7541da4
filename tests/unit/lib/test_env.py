"""Settings speak or stop."""

from pathlib import Path

import pytest

from parkbench.lib.env import BadSetting, Env


def test_everything_works_with_none_set():
    env = Env({"EMPTY": "  "})
    assert env.text("A", "x") == "x"
    assert env.text("EMPTY", "x") == "x"
    assert env.words("A", ("p",)) == ["p"]
    assert env.integer("A", 3) == 3
    assert env.boolean("A", True) is True
    assert env.choice("A", "one", ["one", "two"]) == "one"
    assert env.url("A", "") == ""
    assert env.secret("A", "s") == "s"
    assert env.path("A", Path("/x")) == Path("/x")


def test_values_are_typed(tmp_path):
    env = Env({"N": "5", "B": "Off", "C": "TWO", "U": "https://x.example", "P": str(tmp_path), "W": "a, b,"})
    assert env.text("N", "") == "5"
    assert env.integer("N", 1, minimum=1, maximum=9) == 5
    assert env.boolean("B", True) is False
    assert Env({"B": "yes"}).boolean("B", False) is True
    assert env.choice("C", "one", ["one", "two"]) == "two"
    assert env.url("U", "") == "https://x.example"
    assert env.path("P", Path("/x")) == tmp_path
    assert env.words("W") == ["a", "b"]


@pytest.mark.parametrize(
    ("read", "value", "words"),
    [
        (lambda env: env.integer("X", 1), "five", "a whole number"),
        (lambda env: env.integer("X", 1, minimum=2), "1", "at least 2"),
        (lambda env: env.integer("X", 1, maximum=2), "3", "at most 2"),
        (lambda env: env.integer("X", 1, minimum=1, maximum=2), "3", "from 1 to 2"),
        (lambda env: env.boolean("X", True), "perhaps", "true, false"),
        (lambda env: env.choice("X", "a", ["a", "b"]), "c", "a, b"),
        (lambda env: env.url("X", ""), "ftp://x", "https://"),
        (lambda env: env.url("X", ""), "https://[x", "https://"),
        (lambda env: env.path("X", Path("/")), "relative/path", "absolute"),
        (lambda env: env.path("X", Path("/")), "~nobody-of-that-name/x", "absolute"),
    ],
)
def test_a_bad_value_names_itself_and_what_is_allowed(read, value, words):
    with pytest.raises(BadSetting) as caught:
        read(Env({"X": value}))
    assert caught.value.name == "X"
    assert "X" in str(caught.value)
    assert value in str(caught.value)
    assert words in str(caught.value)


def test_a_password_in_an_address_is_not_shown():
    with pytest.raises(BadSetting) as caught:
        Env({"X": "mysql://u:hunter2@x"}).url("X", "", schemes=["postgresql"])
    assert "hunter2" not in str(caught.value)


def test_a_secret_may_come_from_a_file(tmp_path):
    file = tmp_path / "secret"
    file.write_text("hunter2\n")
    assert Env({"X_FILE": str(file)}).secret("X", "") == "hunter2"
    assert Env({"X": "direct"}).secret("X", "") == "direct"
    with pytest.raises(BadSetting) as caught:
        Env({"X": "hunter2", "X_FILE": str(file)}).secret("X", "")
    assert "hunter2" not in str(caught.value)


def test_a_secret_file_must_be_readable_and_hold_something(tmp_path):
    empty = tmp_path / "empty"
    empty.write_text("\n")
    for file in (tmp_path / "missing", empty):
        with pytest.raises(BadSetting, match="X_FILE"):
            Env({"X_FILE": str(file)}).secret("X", "")


def test_misspelt_settings_are_found():
    env = Env({"PARKBENCH_URL": "https://x", "PARKBENCH_URRL": "https://x", "HOME": "/"})
    env.url("PARKBENCH_URL", "")
    assert env.never_read("PARKBENCH_") == ["PARKBENCH_URRL"]
