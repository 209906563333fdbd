"""The photo gate: B3, B7, H3, X12."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image, ImageDraw

from minka.desk.office import Office
from minka.desk.photo import SubmitPhoto, photo_on_file, submit_photo
from minka.kit.secret import Clear
from minka.people.photo import PhotoRule, fault
from tests.desk.town import request, settle_in

RULE = PhotoRule(358, 441)


def portrait(
    size: tuple[int, int] = (358, 441), background: str = "#f4f6fa", kind: str = "JPEG"
) -> bytes:
    """A drawn face on a plain ground."""
    picture = Image.new("RGB", size, background)
    pen = ImageDraw.Draw(picture)
    width, height = size
    pen.ellipse((width // 4, height // 6, 3 * width // 4, 2 * height // 3), fill="#d9a066")
    pen.rectangle((width // 5, 3 * height // 4, 4 * width // 5, height), fill="#1d4e89")
    for x in (2 * width // 5, 3 * width // 5):
        pen.ellipse((x - 8, height // 3, x + 8, height // 3 + 12), fill="#222222")
    stream = io.BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("image", "wrong"),
    [
        (portrait(), ""),
        (portrait(kind="PNG"), ""),
        (b"no picture", "unreadable"),
        (portrait((300, 400)), "size"),
        (portrait(background="#223344"), "background"),
        (b"x" * 500_001, "too_large"),
    ],
)
def test_the_gate_names_what_is_wrong(image: bytes, wrong: str) -> None:
    """B3: a rejected photo returns the exact reason."""
    assert fault(image, RULE) == wrong


def test_a_grey_photo_is_refused() -> None:
    """H3: a colour photo is asked for."""
    stream = io.BytesIO()
    Image.open(io.BytesIO(portrait())).convert("L").save(stream, "PNG")
    assert fault(stream.getvalue(), RULE) == "grey"


def test_a_blurred_photo_is_refused() -> None:
    """B3: blur is named."""
    small = Image.open(io.BytesIO(portrait())).resize((12, 15)).resize((358, 441))
    stream = io.BytesIO()
    small.save(stream, "PNG")
    assert fault(stream.getvalue(), RULE) == "blurred"


def test_a_photo_goes_on_file_sealed(office: Office) -> None:
    """B3: the good photo is kept and comes back; the refusal says what is wrong."""
    someone = settle_in(office)
    image = Clear(base64.b64encode(portrait()).decode())
    answer = submit_photo(office, request(), SubmitPhoto("R1", someone.number, image))
    assert answer.accepted, answer
    assert photo_on_file(office, someone.person_id) == portrait()
    bad = submit_photo(office, request(), SubmitPhoto("R1", someone.number, Clear("????")))
    assert bad.code == "issue.photo_rejected"
    assert "JPEG" in bad.say("en")
