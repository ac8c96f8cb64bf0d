"""Evidence photos that are real JPEGs: a drawn desk with a laptop, grainy as a phone makes it, each one different."""

from __future__ import annotations

import io
import random
from datetime import datetime

import numpy as np
from PIL import Image, ImageDraw

WIDTH, HEIGHT = 800, 600
_EXIF_IFD = 0x8769
_DATE_TIME_ORIGINAL, _OFFSET_TIME_ORIGINAL, _DATE_TIME, _MAKE, _MODEL = 0x9003, 0x9011, 0x0132, 0x010F, 0x0110
_WALLS = ((203, 190, 168), (176, 196, 200), (214, 208, 196), (188, 178, 198), (196, 204, 178), (224, 214, 186))
_DESKS = ((128, 86, 52), (96, 70, 50), (160, 122, 80), (84, 84, 88), (148, 104, 70))
_SCREENS = ((238, 242, 248), (30, 38, 52), (226, 238, 228), (44, 84, 130), (250, 246, 232))


def photo(seed: int, taken_at: datetime) -> bytes:
    """A JPEG of 40 to 90 kB, 800 × 600, taken (EXIF DateTimeOriginal) at `taken_at`, an aware or local WIB time."""
    rng = random.Random(seed)
    picture = Image.new("RGB", (WIDTH, HEIGHT), rng.choice(_WALLS))
    _draw_desk(ImageDraw.Draw(picture), rng)
    # A small field of grain, doubled in both directions: noise of a cheap sensor, and quick to make.
    strength = rng.randint(9, 12)
    grain = np.random.default_rng(seed).integers(
        -strength, strength + 1, (HEIGHT // 2, WIDTH // 2, 1), dtype=np.int16
    )  # fmt: skip
    pixels = np.asarray(picture).astype(np.int16)
    pixels += grain.repeat(2, axis=0).repeat(2, axis=1)
    noisy = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    out = io.BytesIO()
    noisy.save(out, "JPEG", quality=72, exif=_exif(taken_at))
    return out.getvalue()


def _draw_desk(draw: ImageDraw.ImageDraw, rng: random.Random) -> None:
    edge = rng.randint(330, 410)
    draw.rectangle((0, edge, WIDTH, HEIGHT), fill=rng.choice(_DESKS))
    left, top = rng.randint(160, 330), rng.randint(110, 170)
    wide, high = rng.randint(260, 330), rng.randint(180, 220)
    draw.rectangle((left - 12, top - 12, left + wide + 12, top + high + 12), fill=(38, 38, 42))
    screen = rng.choice(_SCREENS)
    draw.rectangle((left, top, left + wide, top + high), fill=screen)
    ink = tuple(255 - part for part in screen)
    for row in range(top + 16, top + high - 12, rng.randint(12, 18)):
        draw.rectangle((left + 16, row, left + rng.randint(60, wide - 16), row + 5), fill=ink)
    base = top + high + 14
    draw.polygon([(left - 20, base), (left + wide + 20, base), (left + wide + 60, base + 90), (left - 60, base + 90)],
                 fill=(150, 152, 158))  # fmt: skip
    for row in range(3):
        for column in range(11):
            x, y = left - 20 + column * (wide + 30) // 11, base + 12 + row * 22
            draw.rectangle((x, y, x + 18, y + 14), fill=(52, 52, 58))
    cup = rng.choice((rng.randint(30, 90), rng.randint(640, 700)))
    draw.ellipse((cup, edge - 20, cup + 70, edge + 10), fill=(250, 250, 246))
    draw.rectangle((cup, edge - 5, cup + 70, edge + 80), fill=(rng.randrange(256), rng.randrange(256), 120))
    page = rng.randint(20, 560)
    draw.polygon([(page, 520), (page + 170, 505), (page + 190, 590), (page + 10, 598)], fill=(246, 246, 240))


def _exif(taken_at: datetime) -> Image.Exif:
    stamp = f"{taken_at:%Y:%m:%d %H:%M:%S}"
    exif = Image.Exif()
    exif[_MAKE], exif[_MODEL], exif[_DATE_TIME] = "Contoh", "Kamera Demo", stamp
    details = {_DATE_TIME_ORIGINAL: stamp, _OFFSET_TIME_ORIGINAL: _offset(taken_at)}
    exif.get_ifd(_EXIF_IFD).update(details)
    return exif


def _offset(taken_at: datetime) -> str:
    """ "+07:00"; a time without a zone is taken as WIB."""
    raw = f"{taken_at:%z}" or "+0700"
    return f"{raw[:3]}:{raw[3:5]}"
