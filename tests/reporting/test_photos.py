"""Photo intake: only real still photos, checked before decoded, kept as pixels alone."""

from __future__ import annotations

import io
import random
import struct
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from services.reporting.evidence.photos import BYTE_LIMIT, ImageTooLarge, ImageUnreadable, NotAnImage, take_in
from services.reporting.evidence.rules import EarlierUse, exif_moment, signals
from shared.clock import WIB
from shared.errors import DomainError
from tests.reporting.factories import FRIDAY, NEXT_FRIDAY, a_picture


def a_bomb(width: int, height: int) -> bytes:
    """A tiny PNG that claims to be huge."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 4096)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def animated(form: str) -> bytes:
    out = io.BytesIO()
    frames = [Image.new("RGB", (40, 40), (shade, 0, 0)) for shade in (10, 200)]
    frames[0].save(out, form, save_all=True, append_images=frames[1:])
    return out.getvalue()


def a_gif() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 40)).save(out, "GIF")
    return out.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_jpeg_png_and_webp_are_taken_by_content(form: str) -> None:
    photo = take_in(a_picture(form=form))
    kept = Image.open(io.BytesIO(photo.jpeg))
    assert (kept.format, kept.size) == ("JPEG", (640, 480))
    assert not kept.getexif()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NotAnImage),
        (b"%PDF-1.7 not a photo", NotAnImage),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAnImage),
        (a_gif(), NotAnImage),
        (animated("PNG"), NotAnImage),
        (animated("WEBP"), NotAnImage),
        (a_picture()[:-600], ImageUnreadable),
        (a_picture(form="PNG")[:-40], ImageUnreadable),
        (a_picture(form="WEBP")[:-40], ImageUnreadable),
        (a_bomb(30_000, 30_000), ImageTooLarge),
        (a_bomb(10_000, 4_001), ImageTooLarge),
        (a_bomb(9_999, 4_000), ImageUnreadable),
        (b"\xff\xd8\xff" + b"\0" * BYTE_LIMIT, ImageTooLarge),
    ],
)
def test_what_is_no_still_photo_is_refused(content: bytes, error: type[DomainError]) -> None:
    with pytest.raises(error):
        take_in(content)


def test_a_bomb_is_refused_before_anything_is_decoded() -> None:
    with pytest.raises(ImageTooLarge):
        take_in(a_bomb(200_000, 200_000))


def test_random_damage_never_ends_in_anything_but_a_photo_or_a_refusal() -> None:
    rng = random.Random(7)
    originals = [a_picture(120, 90, form) for form in ("JPEG", "PNG", "WEBP")]
    refused = 0
    for _ in range(300):
        damaged = bytearray(rng.choice(originals))
        for _ in range(rng.randint(1, 12)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            assert take_in(bytes(damaged)).jpeg
        except (NotAnImage, ImageTooLarge, ImageUnreadable):
            refused += 1
    assert 0 < refused < 300


def test_transparent_becomes_white_and_a_turned_photo_stands_upright() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (60, 40), (0, 0, 0, 0)).save(out, "PNG")
    assert Image.open(io.BytesIO(take_in(out.getvalue()).jpeg)).getpixel((5, 5)) == (255, 255, 255)
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    photo = take_in(a_picture(taken=None, exif=exif))
    assert (photo.width, photo.height) == (480, 640)


def test_a_multi_picture_jpeg_of_a_phone_is_a_photo(tmp_path: Path) -> None:
    path = tmp_path / "phone.mpo"
    view = Image.new("RGB", (64, 48), (9, 9, 9))
    view.save(path, "MPO", save_all=True, append_images=[view])
    assert take_in(path.read_bytes()).width == 64


def test_the_time_in_a_photo_is_read_with_its_zone_or_as_wib() -> None:
    assert take_in(a_picture()).taken_at == datetime(2026, 4, 10, 2, 15, tzinfo=UTC)
    assert exif_moment("2026:04:10 09:15:00", None, WIB) == datetime(2026, 4, 10, 2, 15, tzinfo=UTC)
    assert exif_moment("2026:04:10 09:15:00", "+09:00", WIB) == datetime(2026, 4, 10, 0, 15, tzinfo=UTC)
    wrong_years = ("0000:00:00 00:00:00", "0001:01:01 00:00:00", "9999:12:31 23:59:59")
    for broken in (*wrong_years, "kemarin", "", None, 7, "9" * 500):
        assert exif_moment(broken, "+07:00", WIB) is None


def test_signals_tell_fresh_other_day_no_time_and_earlier_uses() -> None:
    assert [signal["kind"] for signal in signals(FRIDAY, FRIDAY, "E1", [])] == ["fresh"]
    assert [signal["kind"] for signal in signals(FRIDAY, NEXT_FRIDAY, "E1", [])] == ["other_day"]
    found = signals(None, FRIDAY, "E1", [EarlierUse("r", "E1", FRIDAY), EarlierUse("q", "E2", FRIDAY)])
    assert [signal["kind"] for signal in found] == ["no_time", "same_photo", "same_photo"]
    assert "pegawai lain" not in found[1]["text"]
    assert "pegawai lain" in found[2]["text"]
