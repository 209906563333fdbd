"""Drawn faces on file for invented people, so that a demo counter has something to compare."""

from __future__ import annotations

import base64
import io
from functools import cache

from PIL import Image, ImageDraw

from minka.cipher.field import FieldKeys
from minka.kit.secret import Clear
from minka.store.connection import Connection, do

_SKIN = ("#f1c9a5", "#e3b189", "#d9a066", "#c68a5c", "#a86f45")
_HAIR = ("#1b1b1b", "#2d2019", "#4a3728", "#6b6b6b", "#d8d8d8")
_COAT = ("#1d4e89", "#0b5c53", "#7a2e2e", "#4b3f72", "#3b4a3f", "#8a5a00")
_TINTS = ((1, _SKIN), (5, _HAIR), (3, _COAT))


DRAWN = 36
"""So many different faces are drawn for a city; drawing is slow, sealing is not."""


@cache
def face(seed: int, size: tuple[int, int] = (358, 441)) -> bytes:
    """A face on a plain light ground as JPEG; the same seed draws the same face."""
    width, height = size
    picture = Image.new("RGB", size, "#f4f6fa")
    pen = ImageDraw.Draw(picture)
    skin, hair, coat = (tints[seed // n % len(tints)] for n, tints in _TINTS)
    middle, top = width // 2, height // 5 + seed % 9
    pen.rectangle((width // 6, 4 * height // 5, 5 * width // 6, height), fill=coat)
    pen.rectangle((middle - 28, height // 2, middle + 28, 4 * height // 5 + 12), fill=skin)
    pen.ellipse((middle - 96, top - 22, middle + 96, height // 2 + 30), fill=hair)
    pen.ellipse((middle - 80, top + 12, middle + 80, 2 * height // 3 + 8), fill=skin)
    eyes = height // 3 + 34
    for x in (middle - 34, middle + 34):
        pen.ellipse((x - 9, eyes - 6, x + 9, eyes + 6), fill="#ffffff")
        pen.ellipse((x - 5, eyes - 5, x + 5, eyes + 5), fill="#20150f")
    pen.line((middle, eyes + 14, middle - 6, eyes + 44, middle + 6, eyes + 46), "#8a5b3c", 3)
    pen.arc((middle - 26, eyes + 50, middle + 26, eyes + 74), 20, 160, "#8b2f2f", 5)
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=88)
    return stream.getvalue()


def keep_face(connection: Connection, keys: FieldKeys, person_id: int, code: str) -> None:
    """Put a drawn face on file for a person under a code."""
    image = base64.b64encode(face(person_id % DRAWN)).decode()
    place = {"person_id": person_id, "photo_code": code}
    sealed = keys.seal("photo", Clear(image))
    do(connection, "photo.on_file", **place, sealed=sealed, operator="bench")
    do(connection, "people.set_photo", **place)
