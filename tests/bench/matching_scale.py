"""Large registers and names for them, to see how fast they are matched and what candidates hold.

Register and names are invented from a seed: syllables, figures and variants, then the mess that people make.
"""

import random
import time

from parkbench.comparison.matching import Matcher, Mention, Register
from parkbench.comparison.matching.candidates import Candidates
from parkbench.comparison.matching.knowledge import Maker, Model, shipped_techniques, shipped_words
from parkbench.comparison.matching.pairing import view

SYLLABLES = (
    "zel",
    "kar",
    "vor",
    "mi",
    "tra",
    "lux",
    "qua",
    "non",
    "bex",
    "ol",
    "gri",
    "sta",
    "phe",
    "dor",
    "um",
    "cy",
)
VARIANTS = ("", "", "", " Plus", " Pro", " II", " HF", " X", "R", " Ultra")
MESS = (
    "{} Raum 2.{n}",
    "{}, s/n {n}",
    "{lower}",
    "{} with camera",
    "{} (20{yy})",
    "2 x {}",
    "{maker} {}",
    "{glued}",
    "{slip}",
)


def invented(models: int, draw: random.Random) -> Register:
    """Return a register of about as many models as asked."""
    makers: dict[str, Maker] = {}
    found: dict[str, Model] = {}
    while len(found) < models:
        maker = "".join(draw.choices(SYLLABLES, k=3)).capitalize() + "on"
        makers.setdefault(maker.lower(), Maker(maker.lower(), (maker, f"{maker} GmbH")))
        family = "".join(draw.choices(SYLLABLES, k=3)).capitalize()
        for _ in range(5):
            name = f"{family} {draw.randrange(1, 99) * 10}{draw.choice(VARIANTS)}"
            key = f"{maker.lower()}/{name.lower().replace(' ', '-')}"
            found[key] = Model(key, maker.lower(), family, name)
    return Register(makers, found, shipped_words(), shipped_techniques())


def messy(register: Register, count: int, draw: random.Random) -> list[tuple[Mention, str]]:
    """Return names as people write them, with the key of the model that is meant."""
    models = list(register.models.values())
    found = []
    for number in range(count):
        model = draw.choice(models)
        name = model.designation
        place = draw.randrange(1, max(2, len(model.family) - 2))
        slip = name[:place] + name[place + 1] + name[place] + name[place + 2 :]
        maker = register.makers[model.maker].names[0]
        text = draw.choice(MESS).format(
            name, n=number % 997, yy=10 + number % 15, lower=name.lower(), maker=maker,
            glued=name.replace(" ", ""), slip=slip,
        )  # fmt: skip
        found.append((Mention(text, maker if draw.random() < 0.6 else ""), model.key))
    return found


def candidates(matcher: Matcher, rows: list[tuple[Mention, str]]) -> tuple[float, float]:
    """Return recall at ten, and how many pairs are laid side by side a second of processor time."""
    parsed = [matcher.parser.parse(mention) for mention, _ in rows]
    found = list(Candidates(matcher.names).of(parsed))
    met = sum(meant in {name.key for name in names} for names, (_, meant) in zip(found, rows, strict=True))
    began = time.process_time()
    pairs = 0
    for one, names in zip(parsed, found, strict=True):
        seen = view(one, matcher.names)
        for name in names:
            matcher.pairing.pair(seen, name)
            pairs += 1
    return met / len(rows), pairs / (time.process_time() - began)
