"""The electronic photo of an application: the region's size, and what an eye can be told of it.

The gate checks what can be measured without guessing: format, size, plain light background at the
edges, sharpness and exposure. It says exactly what is wrong.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageStat, UnidentifiedImageError

from minka.kit.words import Words

MOST_BYTES = 500_000
MOST_PIXELS = 20_000_000
SHARP = 24
"""A picture whose outlines stand out less than this from its own blur is blurred."""
EDGE = 12
"""Share of the width (one in so many) that counts as background at the left and right edge."""


@dataclass(frozen=True, slots=True)
class PhotoRule:
    """The size a region asks for."""

    width_px: int
    height_px: int


FAULTS: dict[str, Words] = {
    "unreadable": Words(
        "不是可以读取的JPEG或PNG照片",
        "不是可以讀取的JPEG或PNG照片",
        "not a readable JPEG or PNG",
    ),
    "unknown": Words("没有这张照片", "沒有這張照片", "there is no such photo of this person"),
    "too_large": Words("文件超过500KB", "檔案超過500KB", "the file is larger than 500 KB"),
    "size": Words(
        "尺寸不是规定的像素", "尺寸不是規定的像素", "it does not have the size asked for"
    ),
    "grey": Words("要彩色照片", "要彩色照片", "it must be in colour"),
    "background": Words(
        "背景不是浅色或不均匀", "背景不是淺色或不均勻", "the background is not plain and light"
    ),
    "blurred": Words("照片模糊", "照片模糊", "it is blurred"),
    "exposure": Words("太暗或太亮", "太暗或太亮", "it is too dark or too bright"),
}


def fault(image: bytes, rule: PhotoRule) -> str:
    """The first fault of a photo as a key of ``FAULTS``, or an empty text when it can be used."""
    if len(image) > MOST_BYTES:
        return "too_large"
    try:
        picture = Image.open(io.BytesIO(image))
        if picture.format not in ("JPEG", "PNG") or picture.width * picture.height > MOST_PIXELS:
            return "unreadable"
        picture.load()
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return "unreadable"
    if (picture.width, picture.height) != (rule.width_px, rule.height_px):
        return "size"
    return _of_the_picture(picture)


def _of_the_picture(picture: Image.Image) -> str:
    colour = picture.convert("RGB")
    grey = colour.convert("L")
    if ImageStat.Stat(colour.convert("HSV").getchannel("S")).mean[0] < 2:
        return "grey"
    if not 40 <= ImageStat.Stat(grey).mean[0] <= 235:
        return "exposure"
    strip = max(colour.width // EDGE, 1)
    height = colour.height // 3
    right = colour.width - strip
    for box in ((0, 0, strip, height), (right, 0, colour.width, height)):
        edge = ImageStat.Stat(grey.crop(box))
        if edge.mean[0] < 170 or edge.stddev[0] > 25:
            return "background"
    softened = grey.filter(ImageFilter.GaussianBlur(2))
    outlines = ImageChops.difference(grey, softened).histogram()
    sharpest = max(level for level, count in enumerate(outlines) if count)
    return "blurred" if sharpest < SHARP else ""
