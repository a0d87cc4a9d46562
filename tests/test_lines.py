"""JSON Lines in: the contract's fields, and a refusal that names the line and never its words."""

from datetime import date

import pytest

from feedback.errors import BadInput
from feedback.read.lines import read_lines


def test_every_field_of_the_contract_is_read() -> None:
    line = '{"id": 7, "text": "Grand", "question": "Why?", "date": "2026-03-31", "service": ["Holt", "Wards"], "respondent": "Carer", "fft": 2}'
    (raw,) = read_lines([line, "  \n"])
    assert (raw.id, raw.text, raw.question, raw.date, raw.services, raw.respondent, raw.fft) == (
        "7",
        "Grand",
        "Why?",
        date(2026, 3, 31),
        ("Holt", "Wards"),
        "Carer",
        2,
    )


def test_text_alone_is_enough() -> None:
    (raw,) = read_lines(['{"text": "Grand", "service": "", "fft": null, "date": ""}'])
    assert (raw.id, raw.services, raw.fft, raw.date) == (None, (), None, None)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("secret words", "Line 2 is no JSON"),
        ('["secret words"]', 'line 2 needs a field "text"'),
        ('{"comment": "secret words"}', 'line 2 needs a field "text"'),
        ('{"text": "secret words", "fft": 9}', '"fft" in line 2 must be 1'),
        ('{"text": "secret words", "date": "soon"}', '"date" in line 2 must be a date'),
        ('{"text": "secret words", "service": 4}', '"service" in line 2'),
        ('{"text": "secret words", "question": 4}', "'question' in line 2 must be words"),
    ],
)
def test_a_line_that_does_not_fit_is_refused_by_its_number(line: str, sentence: str) -> None:
    with pytest.raises(BadInput) as refusal:
        list(read_lines(['{"text": "fine"}', line]))
    assert sentence in str(refusal.value)
    assert "secret" not in str(refusal.value)
