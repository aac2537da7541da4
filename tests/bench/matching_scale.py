"""How fast names are matched against large registers, and how many true models are among the candidates.

    python tests/bench/matching_scale.py [NAMES] [MODELS]

Register and names are invented from a seed: syllables, figures and variants, then the mess that people make.
Floors: 100,000 names against 5,000 models in 60 s, 1,000,000 against 50,000 in 20 min and 2 GB, 1,000 names
in 3 s, 10,000 pairs a second, recall at 10 of 98 %. Seconds are of processor time.
"""

import random
import resource
import sys
import time

from parkbench.comparison.matching import Matcher, Mention, Register
from parkbench.comparison.matching.candidates import Candidates
from parkbench.comparison.matching.knowledge import Maker, Model, shipped_words
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


def say(line: str) -> None:
    """Write one line."""
    sys.stdout.write(f"{line}\n")


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
    return Register(makers, found, shipped_words())


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


def timed(matcher: Matcher, mentions: list[Mention], what: str) -> list[str]:
    """Print how long matching takes; return the keys."""
    began = time.process_time()
    keys = [answer.key for answer in matcher.match(mentions)]
    say(f"{what}: {time.process_time() - began:.1f} s")
    return keys


def main(names: int = 100_000, models: int = 5_000) -> None:
    """Print the figures."""
    draw = random.Random(5)
    register = invented(models, draw)
    rows = messy(register, names, draw)
    began = time.process_time()
    matcher = Matcher(register)
    timed(
        matcher,
        [Mention("warm"), Mention("Warm 20 up")],
        f"register of {len(register.models)} models, first answer",
    )
    say(f"register ready after {time.process_time() - began:.1f} s")
    keys = timed(matcher, [mention for mention, _ in rows], f"{names} names")
    right = sum(key == meant for key, (_, meant) in zip(keys, rows, strict=True))
    wrong = sum(key in register.models and key != meant for key, (_, meant) in zip(keys, rows, strict=True))
    say(f"right {right / names:.4f}, matched to another model {wrong / names:.5f}")
    timed(matcher, [Mention(f"{mention.text} new") for mention, _ in rows[:1000]], "1000 new names")
    candidates(matcher, rows[:2000])
    say(f"memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2:.2f} GB")


def candidates(matcher: Matcher, rows: list[tuple[Mention, str]]) -> None:
    """Print recall at ten, and how many pairs are laid side by side a second."""
    parsed = [matcher.parser.parse(mention) for mention, _ in rows]
    found = list(Candidates(matcher.names).of(parsed))
    met = sum(meant in {name.key for name in names} for names, (_, meant) in zip(found, rows, strict=True))
    say(f"candidate recall at 10: {met / len(rows):.4f}")
    began = time.process_time()
    pairs = 0
    for one, names in zip(parsed, found, strict=True):
        seen = view(one, matcher.names)
        for name in names:
            matcher.pairing.pair(seen, name)
            pairs += 1
    say(f"{pairs / (time.process_time() - began):.0f} pairs a second")


if __name__ == "__main__":
    main(*(int(one) for one in sys.argv[1:]))
