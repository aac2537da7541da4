"""Fit the shipped coefficients of `products` from the training splits of the public product benchmarks.

    python scripts/fit_matching.py [--data ../shared/reference/matching] [--out FILE]

Reads `<data set>/train.txt` alone, never a validation or test split. Coefficients of other kinds that the
file holds are kept as they are.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from parkbench.comparison.matching import labelled, scoring
from parkbench.comparison.matching.fitting import PLAIN, fit

HERE = Path(__file__).parents[1]
SHIPPED = Path(scoring.__file__).with_name("coefficients.json")
DATA_SETS = ("abt-buy", "walmart-amazon", "amazon-google")


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=HERE.parent / "shared" / "reference" / "matching")
    parser.add_argument("--out", type=Path, default=SHIPPED)
    asked = parser.parse_args()
    try:
        splits = {name: labelled.read_pairs(asked.data / name / "train.txt") for name in DATA_SETS}
    except (OSError, labelled.LabelledError) as wrong:
        raise SystemExit(f"The training splits cannot be read: {wrong}") from wrong
    values = np.vstack([labelled.measured(pairs)[0] for pairs in splits.values()])
    told = np.concatenate([labelled.labels(pairs) for pairs in splits.values()])
    made_from = f"{len(told)} labelled pairs: the training splits of {', '.join(DATA_SETS)}"
    held = json.loads(asked.out.read_text(encoding="utf-8")) if asked.out.exists() else {}
    held["products"] = _rounded(fit(values, told, terms=PLAIN, made_from=made_from).as_dict())
    text = json.dumps(held, indent=1, sort_keys=True, ensure_ascii=False)
    asked.out.write_text(text + "\n", encoding="utf-8")
    print(f"{asked.out.name}: products, {made_from}")  # noqa: T201


def _rounded(told: Mapping[str, object]) -> dict[str, object]:
    """Round to nine digits, so that another machine's last digits do not change the file."""
    return json.loads(json.dumps(told), parse_float=lambda text: float(f"{float(text):.9g}"))


if __name__ == "__main__":
    main()
