"""Specimens are read exactly, offline, from the models inside the wheel (R1.4, R4.1). `make bench-ocr` measures the rest."""

from __future__ import annotations

import pytest
from tests.specimens import fonts
from tests.specimens.measure import ON, card_read, network_cut, paper_read
from tests.specimens.styles import FIRST, SECOND

from weidai.kernel.errors import Refusal
from weidai.vision.rules.fields import Kind


@pytest.fixture(scope="module")
def reader():
    pytest.importorskip("rapidocr", reason="the vision group is not installed: make setup")
    from weidai.vision.reader import Reader

    with network_cut() as tried:
        yield Reader()
    assert tried == []


@pytest.mark.parametrize(("style", "tier", "seed"), [
    (FIRST, 2, 42), (SECOND, 1, 45),
    *(pytest.param(*case, marks=pytest.mark.long) for case in (
        (FIRST, 0, 40), (FIRST, 1, 41), (SECOND, 0, 40), (SECOND, 1, 41)))],
    ids=lambda value: getattr(value, "name", str(value)))
def test_r1_4_every_field_of_a_card_is_read_exactly(reader, style, tier, seed):
    result = card_read(reader, seed, fonts.BUILD[0], tier, style=style)
    assert result.wrong == ()


def test_what_is_no_picture_is_refused(reader):
    for content in (b"", b"GIF89a" + bytes(40), b"\xff\xd8\xff\xe0" + bytes(100), b"%PDF-1.7"):
        with pytest.raises(Refusal) as refused:
            reader.read(content, Kind.ID_FRONT, on=ON)
        assert refused.value.code == "vision.picture_unreadable"


@pytest.mark.long
@pytest.mark.parametrize("style", [FIRST, SECOND], ids=lambda style: style.name)
@pytest.mark.parametrize("seed", range(60, 84))
def test_r1_4_more_cards(reader, seed, style):
    """The number is never wrong and valid; a poor photograph may cost a field, an ordinary one may not."""
    face = [face for face in style.build if face.is_there][:2][seed % 2 - 1]
    result = card_read(reader, seed, face, seed % 3, style=style)
    assert not result.wrong_but_valid
    assert seed % 3 == 2 or ("id_number" in result.exact and len(result.exact) == 8), result.wrong


@pytest.mark.long
@pytest.mark.parametrize("style", [FIRST, SECOND], ids=lambda style: style.name)
@pytest.mark.parametrize("kind", list(FIRST.papers))
def test_r4_1_other_papers(reader, kind, style):
    result = paper_read(reader, kind, 70, fonts.BUILD[0], 1, style=style)
    assert all(result.fields.values()), result.wrong
    assert (result.rows_exact, result.rows_wrong_but_running) == (result.rows, 0)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(90, 96))
def test_r4_1_what_is_misread_on_a_poor_photograph_says_so(reader, seed):
    """Amounts that nothing confirms are never shown as sure (R4.1)."""
    for kind in (Kind.PAYSLIP, Kind.TAX_CERTIFICATE, Kind.BANK_STATEMENT):
        result = paper_read(reader, kind, seed, fonts.BUILD[0], 2, style=SECOND)
        assert not [found for found in result.wrong if found[0].endswith("_fen") and found[2] and found[3] >= 0.9]


@pytest.mark.long
def test_r1_4_a_card_upside_down_or_on_its_side_is_read(reader):
    import io

    from PIL import Image
    from tests.specimens import camera, cards
    from tests.specimens.people import person

    who = person(41)
    flat = Image.open(io.BytesIO(camera.photograph(cards.front(who, fonts.BUILD[0], seed=41), tier=1, seed=82)))
    for degrees in (90, 180, 270):
        turned = io.BytesIO()
        flat.rotate(degrees, expand=True).save(turned, "JPEG", quality=92)
        assert reader.read(turned.getvalue(), Kind.ID_FRONT, on=ON).reading.value("id_number") == who.number
