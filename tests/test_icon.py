"""Icons say what they mean without colour: in words, and each with a picture of its own."""

import re
from xml.etree import ElementTree

import pytest

from feedback.over_time.icon import ASSURANCE, SHORT, VARIATION, icon_sheet, icon_svg
from feedback.over_time.spc import ICONS

EVERY = (*VARIATION, *ASSURANCE)


def test_every_icon_that_the_engine_gives_can_be_drawn() -> None:
    assert set(VARIATION) == {*ICONS.values(), "common_cause"}
    assert set(SHORT) == set(EVERY)


@pytest.mark.parametrize("icon", EVERY)
def test_an_icon_says_in_words_what_it_means(icon: str) -> None:
    drawn = ElementTree.fromstring(icon_svg(icon))
    meaning = (VARIATION.get(icon) or ASSURANCE[icon])[0]
    assert (drawn.get("role"), drawn.get("aria-label")) == ("img", meaning)


def test_no_two_icons_differ_in_colour_alone() -> None:
    plain = {icon: re.sub(r'#[0-9a-f]{6}|<title>.*?</title>|aria-label=".*?"', "", icon_svg(icon)) for icon in EVERY}
    same = {frozenset(i for i in EVERY if plain[i] == picture) for picture in plain.values()}
    alike = {tuple(sorted(group)) for group in same if len(group) > 1}
    assert alike == set()


def test_a_sheet_of_icons_names_each_and_leaves_out_what_has_none() -> None:
    sheet = ElementTree.fromstring(
        icon_sheet([("Podiatry & <friends>", "concern_high", ""), ("Willow", None, "Not judged")])
    )
    text = "".join(sheet.itertext())
    assert "Podiatry & <friends>" in text and "Willow" in text
    assert len(sheet.findall("{http://www.w3.org/2000/svg}svg")) == 1
