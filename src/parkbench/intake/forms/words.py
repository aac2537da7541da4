"""What words of a file mean: one choice per word, on the page of its columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from parkbench.intake.registry import Asking, Target, fold
from parkbench.intake.rules import Recipe, hours_of

MOST = 200
"""Words asked at once; the others come once these have a meaning."""
LONGEST = 200
"""Letters of a word that comes back from the page because it is not kept here."""


@dataclass(frozen=True, slots=True)
class WordLine:
    """One word with its rows and hours, and the choice of its meaning; ``kept`` sends back its text."""

    text: str
    rows: int
    hours: str
    is_known: bool
    meaning: BoundField
    kept: BoundField | None


class WordFields:
    """Adds the choices to a form and reads them; a word that is not kept stands in the page alone."""

    def __init__(
        self, form: forms.Form, target: Target, words: list[Any], fleeting: Mapping[str, str]
    ) -> None:
        self.form, self.asked = form, isinstance(target, Asking)
        self._target, self._lines = target, []  # type: ignore[var-annotated]
        self.hidden, self.more, self.is_first = [0, 0], 0, bool(fleeting)
        for place, word in enumerate(words if self.asked else ()):
            text = word["text"] or fleeting.get(word["mark"]) or str(form.data.get(f"word-{place}") or "")
            if text and len(self._lines) >= MOST:
                self.more += 1
            elif text:
                self._add(place, word, text[:LONGEST])
            elif not word["meaning"]:
                self.hidden[0] += 1
                self.hidden[1] += word["rows"]

    def _add(self, place: int, word: Mapping[str, Any], text: str) -> None:
        meanings = self._target.meanings  # type: ignore[attr-defined]
        self.form.fields[f"meaning-{place}"] = forms.ChoiceField(
            label=text,
            required=False,
            initial=word["meaning"],
            choices=[("", _("not known yet")), *meanings.items()],
        )
        if word["mark"]:
            self.form.fields[f"word-{place}"] = forms.CharField(
                initial=text, required=False, max_length=LONGEST, widget=forms.HiddenInput
            )
        self._lines.append((place, word, text))

    def lines(self) -> Iterator[WordLine]:
        """Yield the words, those without a meaning first."""
        for place, word, text in self._lines:
            yield WordLine(
                text,
                word["rows"],
                "" if word["minutes"] is None else hours_of(word["minutes"]),
                bool(word["meaning"]),
                self.form[f"meaning-{place}"],
                self.form[f"word-{place}"] if word["mark"] else None,
            )

    def said(self, recipe: Recipe) -> dict[str, str]:
        """Return what words mean after this form: only what differs from what was known is said anew."""
        found = dict(recipe.meanings)
        for place, word, text in self._lines:
            meaning = self.form.cleaned_data.get(f"meaning-{place}", "")
            if meaning == word["meaning"]:
                continue
            for one in filter(None, (fold(text), word["mark"])):
                found[one] = meaning
        return {word: meaning for word, meaning in found.items() if meaning}
