"""A small invented register: no maker or model of it exists, so that only the structure of names can help."""

from pathlib import Path

from parkbench.comparison.matching import Matcher, Mention, Register, read_register
from parkbench.comparison.matching.answers import Answer

ROWS = """maker,designation,family,aliases
Quorvane Instruments,Zelkar 300,Zelkar,
Quorvane Instruments,Zelkar 300R,Zelkar,
Quorvane Instruments,Zelkar 450,Zelkar,
Quorvane Instruments,Zelkar 450 Plus,Zelkar,
Quorvane Instruments,Zelkar Pro,Zelkar,
Quorvane Instruments,Zelkar Pro 2,Zelkar,
Braxel Optics,BX-Flow II,BX-Flow,
Braxel Optics,BX-Flow III,BX-Flow,
Braxel Optics,Mirolux,Mirolux,
Braxel Optics,Mirolux HF,Mirolux,
Braxel Optics,Mirolux HF-X,Mirolux,
Tandrel,TX 9000,TX,
Tandrel,Ovarion Desk System,Ovarion,OVD
"""


def register(folder: Path, rows: str = ROWS) -> Register:
    """Return the register of a CSV with these rows."""
    file = folder / "register.csv"
    file.write_text(rows, encoding="utf-8")
    return read_register(file)


def answer(matcher: Matcher, text: str, maker: str = "") -> Answer:
    """Return what one text is."""
    return matcher.match([Mention(text, maker)])[0]
