"""Pictures for a few instruments: drawn here, plainly not photographs, labelled as samples."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 960, 640
INK, PAPER, SOFT = (30, 41, 59), (241, 245, 249), (203, 213, 225)
HUES = ((13, 116, 110), (29, 78, 137), (124, 58, 98), (146, 84, 22))


def picture(title: str, *, number: int) -> bytes:
    """Return a PNG that shows a simple instrument, its name and the words "sample picture"."""
    hue = HUES[number % len(HUES)]
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 480, WIDTH, HEIGHT), fill=SOFT)
    if number % 2:
        _cabinet(draw, hue)
    else:
        _microscope(draw, hue)
    draw.text((40, 30), title, fill=INK, font=ImageFont.load_default(size=38))
    draw.text((40, 580), "Sample picture, made up", fill=INK, font=ImageFont.load_default(size=28))
    kept = io.BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def _microscope(draw: ImageDraw.ImageDraw, hue: tuple[int, int, int]) -> None:
    draw.rounded_rectangle((330, 440, 650, 500), 20, fill=INK)
    draw.rounded_rectangle((560, 200, 620, 450), 20, fill=hue)
    draw.rounded_rectangle((400, 180, 620, 250), 24, fill=hue)
    draw.polygon([(430, 250), (510, 250), (490, 330), (450, 330)], fill=INK)
    draw.rounded_rectangle((390, 350, 600, 375), 8, fill=INK)
    draw.polygon([(430, 120), (480, 110), (500, 185), (450, 190)], fill=INK)


def _cabinet(draw: ImageDraw.ImageDraw, hue: tuple[int, int, int]) -> None:
    draw.rounded_rectangle((300, 150, 660, 500), 24, fill=hue)
    draw.rounded_rectangle((340, 190, 500, 300), 12, fill=PAPER)
    draw.line(
        [(350, 290), (380, 285), (400, 210), (420, 280), (450, 240), (470, 288), (490, 290)],
        fill=hue,
        width=5,
    )
    for place in range(4):
        draw.ellipse((540, 200 + place * 45, 570, 230 + place * 45), fill=PAPER)
    draw.rectangle((340, 340, 620, 470), fill=INK)
