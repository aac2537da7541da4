"""A form field of services: words, one per line."""

from __future__ import annotations

import re
from typing import Any

from django import forms

from parkbench.ui.fields import ReadField


class WordsField(ReadField):
    """Words, one per line or parted by a semicolon, as a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{"required": False, "max_length": 4000, "widget": forms.Textarea(attrs={"rows": 3}), **kwargs}
        )

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def read(self, text: str) -> list[str]:
        return list(dict.fromkeys(part.strip() for part in re.split(r"[;\r\n]", text) if part.strip()))
