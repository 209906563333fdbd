"""Photos as they are handed in: a drawn face that passes the gate, and ones with each fault."""

from __future__ import annotations

import base64
import io
from functools import cache

from PIL import Image, ImageFilter

from minka.bench.faces import face

LOOKS = ("合格", "太小", "灰色", "模糊", "深背景")
_SEED = 7


@cache
def portrait(look: str = "合格") -> str:
    """A drawn face as base64 of a PNG; ``look`` is one of ``LOOKS``."""
    assert look in LOOKS, look
    picture = Image.open(io.BytesIO(face(_SEED))).convert("RGB")
    if look == "太小":
        picture = picture.resize((picture.width // 2, picture.height // 2))
    if look == "灰色":
        picture = picture.convert("L").convert("RGB")
    if look == "模糊":
        picture = picture.filter(ImageFilter.GaussianBlur(12))
    if look == "深背景":
        picture.paste((40, 40, 60), (0, 0, picture.width, picture.height // 3))
    held = io.BytesIO()
    picture.save(held, "PNG")
    return base64.b64encode(held.getvalue()).decode("ascii")
