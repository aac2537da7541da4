"""Typed readers of settings that speak or stop: a bad value names itself and what is allowed."""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from parkbench.lib.errors import Refused

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


class BadSetting(Refused):
    """A setting whose value cannot be used: the sentence names it, the value and what is allowed."""

    def __init__(self, name: str, value: str | None, allowed: str) -> None:
        shown = "" if value is None else f" is {value!r}, which"
        super().__init__(f"The setting {name}{shown} cannot be used. Allowed: {allowed}.")
        self.name = name
        self.allowed = allowed


class Env:
    """Settings read from a mapping such as `os.environ`; an empty value counts as not set."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self._mapping = mapping
        self._asked: set[str] = set()

    def _raw(self, name: str) -> str | None:
        self._asked.add(name)
        value = self._mapping.get(name, "").strip()
        return value or None

    def text(self, name: str, default: str) -> str:
        """Return the text as it stands, without surrounding spaces."""
        value = self._raw(name)
        return default if value is None else value

    def words(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Return the entries of a list written with commas."""
        value = self._raw(name)
        return list(default) if value is None else [word.strip() for word in value.split(",") if word.strip()]

    def integer(
        self, name: str, default: int, *, minimum: int | None = None, maximum: int | None = None
    ) -> int:
        """Return a whole number within the bounds; raise BadSetting otherwise."""
        value = self._raw(name)
        if value is None:
            return default
        allowed = _whole_number_words(minimum, maximum)
        try:
            number = int(value)
        except ValueError as error:
            raise BadSetting(name, value, allowed) from error
        if (minimum is not None and number < minimum) or (maximum is not None and number > maximum):
            raise BadSetting(name, value, allowed)
        return number

    def boolean(self, name: str, default: bool) -> bool:
        """Return true or false; raise BadSetting for any other word."""
        value = self._raw(name)
        if value is None:
            return default
        if value.lower() in _TRUE:
            return True
        if value.lower() in _FALSE:
            return False
        raise BadSetting(name, value, "true, false, yes, no, on, off, 1 or 0")

    def choice(self, name: str, default: str, allowed: Sequence[str]) -> str:
        """Return one of the allowed words, whatever its case; raise BadSetting otherwise."""
        value = self._raw(name)
        if value is None:
            return default
        for word in allowed:
            if word.lower() == value.lower():
                return word
        raise BadSetting(name, value, ", ".join(allowed))

    def url(self, name: str, default: str, *, schemes: Sequence[str] = ("https", "http")) -> str:
        """Return an address with one of the schemes; a password in it is never shown in the error."""
        value = self._raw(name)
        if value is None:
            return default
        allowed = f"an address that starts with {' or '.join(scheme + '://' for scheme in schemes)}"
        shown = None if "@" in value else value
        try:
            parts = urlsplit(value)
            is_good = parts.scheme in schemes and bool(parts.netloc) and parts.port != 0
        except ValueError as error:
            raise BadSetting(name, shown, allowed) from error
        if not is_good:
            raise BadSetting(name, shown, allowed)
        return value

    def secret(self, name: str, default: str) -> str:
        """Return a secret from `<name>` or the file that `<name>_FILE` names; never shown in an error."""
        value, file = self._raw(name), self._raw(f"{name}_FILE")
        if file is None:
            return default if value is None else value
        if value is not None:
            raise BadSetting(name, None, f"either {name} or {name}_FILE, not both")
        try:
            secret = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise BadSetting(f"{name}_FILE", file, "a readable text file that holds the secret") from error
        if not secret:
            raise BadSetting(f"{name}_FILE", file, "a file that is not empty")
        return secret

    def path(self, name: str, default: Path) -> Path:
        """Return an absolute path, `~` resolved; raise BadSetting for a relative one."""
        value = self._raw(name)
        if value is None:
            return default
        try:
            path = Path(value).expanduser()
        except RuntimeError as error:
            raise BadSetting(name, value, "an absolute path") from error
        if not path.is_absolute():
            raise BadSetting(name, value, "an absolute path")
        return path

    def networks(self, name: str) -> list[IPv4Network | IPv6Network]:
        """Return networks such as 10.20.0.0/16, written with commas; none by default."""
        try:
            return [ip_network(word) for word in self.words(name)]
        except ValueError as error:
            raise BadSetting(
                name, self._raw(name), "networks such as 10.20.0.0/16 or fd00:1::/48, with commas"
            ) from error

    def ports(self, name: str, default: Sequence[int]) -> list[int]:
        """Return port numbers, written with commas."""
        found = [int(word) if word.isascii() and word.isdigit() else 0 for word in self.words(name)]
        if not all(0 < port < 65536 for port in found):
            raise BadSetting(name, self._raw(name), "port numbers from 1 to 65535, with commas")
        return found or list(default)

    def never_read(self, prefix: str) -> list[str]:
        """Return the names with that prefix which nobody asked for: most likely misspelt."""
        return sorted(name for name in self._mapping if name.startswith(prefix) and name not in self._asked)


def _whole_number_words(minimum: int | None, maximum: int | None) -> str:
    if minimum is not None and maximum is not None:
        return f"a whole number from {minimum} to {maximum}"
    if minimum is not None:
        return f"a whole number of at least {minimum}"
    if maximum is not None:
        return f"a whole number of at most {maximum}"
    return "a whole number"
