"""Specimens are read exactly, offline, from the models inside the wheel (R1.4, R4.1). `make bench-ocr` measures the rest."""

from __future__ import annotations

import pytest
from tests.specimens import fonts
from tests.specimens.measure import DRAWN, ON, card_read, network_cut, paper_read

from weidai.kernel.errors import Refusal
from weidai.vision.rules.fields import Kind


@pytest.fixture(scope="module")
def reader():
    pytest.importorskip("rapidocr", reason="the vision group is not installed: make setup")
    from weidai.vision.reader import Reader

    with network_cut() as tried:
        yield Reader()
    assert tried == []


@pytest.mark.parametrize("tier", [0, pytest.param(1, marks=pytest.mark.long), 2])
def test_r1_4_every_field_of_a_card_is_read_exactly(reader, tier):
    result = card_read(reader, 40 + tier, fonts.BUILD[0], tier)
    assert result.wrong == ()


def test_what_is_no_picture_is_refused(reader):
    for content in (b"", b"GIF89a" + bytes(40), b"\xff\xd8\xff\xe0" + bytes(100), b"%PDF-1.7"):
        with pytest.raises(Refusal) as refused:
            reader.read(content, Kind.ID_FRONT, on=ON)
        assert refused.value.code == "vision.picture_unreadable"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(60, 84))
def test_r1_4_more_cards(reader, seed):
    """The number is never wrong and valid; a poor photograph may cost a field, an ordinary one may not."""
    face = [face for face in fonts.BUILD if face.is_there][seed % 2]
    result = card_read(reader, seed, face, seed % 3)
    assert not result.wrong_but_valid
    assert "id_number" in result.exact
    assert len(result.exact) >= (8 if seed % 3 < 2 else 6)


@pytest.mark.long
@pytest.mark.parametrize("kind", list(DRAWN))
def test_r4_1_other_papers(reader, kind):
    result = paper_read(reader, kind, 70, fonts.BUILD[0], 1)
    assert all(result.fields.values()), result.wrong
    assert (result.rows_exact, result.rows_wrong_but_running) == (result.rows, 0)


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
