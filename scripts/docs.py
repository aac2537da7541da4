"""Write the reference pages that are drawn from the code; `--check` says which are out of date."""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkbench.site.settings")

import django

django.setup()

from parkbench.accounts.rules import TABLE, Action, Role, Scope  # noqa: E402
from parkbench.exchange.rules import LISTED, READS  # noqa: E402
from parkbench.exchange.rules import TRANSITIONS as STEPS  # noqa: E402
from parkbench.instruments.rules import TRANSITIONS, spoken  # noqa: E402
from parkbench.records.registry import kinds  # noqa: E402

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
NOTE = "Drawn from the code by `make docs`; do not edit.\n"


def roles() -> str:
    """The table role x action x scope."""
    words = {None: "", Scope.EVERYWHERE: "everywhere", Scope.GRANTED: "where granted"}
    head = ["Action", *(role.value for role in Role)]
    lines = ["# Roles and rights", "", NOTE, _row(head), _row(["---"] * len(head))]
    lines += [_row([action.value, *(words[TABLE[role].get(action)] for role in Role)]) for action in Action]
    lines += ["", "A content responsible (steward) may also edit the content of that record."]
    return "\n".join(lines) + "\n"


def life_cycle() -> str:
    """The states of an instrument and the steps between them."""
    lines = ["# Life cycle of an instrument", "", NOTE, "```mermaid", "stateDiagram-v2"]
    for old, following in TRANSITIONS.items():
        for new in sorted(following):
            lines.append(f"    {_state(old)} --> {_state(new)}")
    lines += ["```", "", "| From | may become |", "|---|---|"]
    for old, following in TRANSITIONS.items():
        lines.append(_row([spoken(old), ", ".join(sorted(spoken(new) for new in following))]))
    lines += [
        "",
        "The first status may be any. A sheet may skip steps; the history says that it was an import.",
    ]
    return "\n".join(lines) + "\n"


def partnerships() -> str:
    """The states of a partnership and the steps between them."""
    lines = ["# Life cycle of a partnership", "", NOTE, "```mermaid", "stateDiagram-v2"]
    for old, following in STEPS.items():
        lines += [f"    {old.value} --> {new.value}" for new in sorted(following)]
    head = ["From", "may become", "is given journals", "is given a listing"]
    lines += ["```", "", _row(head), _row(["---"] * len(head))]
    for old, following in STEPS.items():
        new_ones = ", ".join(sorted(new.value for new in following))
        given = ("yes" if old in READS else "", "yes" if old in LISTED else "")
        lines.append(_row([old.value, new_ones, *given]))
    return "\n".join(lines) + "\n"


def sections() -> str:
    """Every kind of record with its sections and their fields."""
    lines = ["# Records and their sections", "", NOTE]
    for kind in kinds():
        lines += [f"## {kind.label}", ""]
        for spec in kind.sections:
            lines += [
                f"### {kind.label}: {spec.label}",
                "",
                f"Seen inside by whoever may *{spec.see.value}*.",
                "",
            ]
            lines += ["| Field | Title | Required |", "|---|---|---|"]
            for name, field in spec.schema.model_fields.items():
                lines.append(_row([f"`{name}`", field.title or "", "yes" if field.is_required() else ""]))
            lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _state(status: object) -> str:
    return str(status).replace("-", "_")


PAGES = {
    "roles.md": roles,
    "life-cycle.md": life_cycle,
    "sections.md": sections,
    "partnerships.md": partnerships,
}


def main() -> int:
    """Write the pages, or with --check only compare them; returns the number of pages out of date."""
    is_check = "--check" in sys.argv
    stale = 0
    for name, page in PAGES.items():
        path, text = FOLDER / name, page()
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        if is_check:
            print(f"{path.name} is out of date: run `make docs`.")  # noqa: T201
        else:
            path.write_text(text, encoding="utf-8")
    return stale if is_check else 0


if __name__ == "__main__":
    sys.exit(main())
