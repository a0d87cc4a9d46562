"""Draw the icons of Making Data Count: variation (is it chance?) and assurance (will the target be met?).

Shapes and colours follow NHS England's; the drawings are our own. Each differs in its letter and its picture as well as in its
colour, and carries its meaning in words, so that none depends on being seen in colour, or seen at all.
"""

from collections.abc import Iterable
from html import escape
from math import ceil

GREY, BLUE, ORANGE, PURPLE, DARK = "#6f777b", "#00709e", "#b04f00", "#490092", "#212b32"  # 4.5:1 on white

# icon: (meaning in a few words, letter, colour, which way the marked points lie)
VARIATION: dict[str, tuple[str, str, str, int]] = {
    "common_cause": ("Chance variation: no significant change", "", GREY, 0),
    "improvement_high": ("Improvement: higher than chance gives, and higher is better", "H", BLUE, 1),
    "improvement_low": ("Improvement: lower than chance gives, and lower is better", "L", BLUE, -1),
    "concern_high": ("Concern: higher than chance gives, and lower is better", "H", ORANGE, 1),
    "concern_low": ("Concern: lower than chance gives, and higher is better", "L", ORANGE, -1),
    "neutral_high": ("Real change upwards, neither good nor bad in itself", "↑", PURPLE, 1),
    "neutral_low": ("Real change downwards, neither good nor bad in itself", "↓", PURPLE, -1),
}
# icon: (meaning, letter, colour)
ASSURANCE: dict[str, tuple[str, str, str]] = {
    "pass": ("Target: will be met again and again, unless something changes", "P", BLUE),
    "fail": ("Target: will be missed again and again, unless something changes", "F", ORANGE),
    "inconsistent": ("Target: met or missed by chance", "?", GREY),
}
SHORT = {
    "common_cause": "Chance variation",
    "improvement_high": "Improvement (high)",
    "improvement_low": "Improvement (low)",
    "concern_high": "Concern (high)",
    "concern_low": "Concern (low)",
    "neutral_high": "Real change up",
    "neutral_low": "Real change down",
    "pass": "Target will be met",
    "fail": "Target will be missed",
    "inconsistent": "Target met or missed by chance",
}
_WAVE = ((13, 25), (18, 20), (23, 27), (28, 21), (33, 26))


def icon_words(icon: str | None) -> str:
    """What an icon says in a few words; of None, that there is none.

    >>> icon_words("concern_high"), icon_words("pass"), icon_words(None)
    ('Concern (high)', 'Target will be met', 'none')
    """
    return SHORT[icon] if icon else "none"


def icon_svg(icon: str) -> str:
    """One icon as SVG, 46 by 46, with what it means as its description. Raises KeyError for one that there is not."""
    if icon in ASSURANCE:
        meaning, letter, colour = ASSURANCE[icon]
        inside = _target(letter, colour)
    else:
        meaning, letter, colour, way = VARIATION[icon]
        inside = _points(letter, colour, way)
    ring = f'<circle cx="23" cy="23" r="20.5" fill="#ffffff" stroke="{colour}" stroke-width="4"/>'
    return (
        f'<svg class="app-icon" viewBox="0 0 46 46" width="46" height="46" role="img" aria-label="{escape(meaning, quote=True)}"'
        f' focusable="false"><title>{escape(meaning)}</title>{ring}{inside}</svg>'
    )


def icon_sheet(icons: Iterable[tuple[str, str | None, str]], across: int = 6) -> str:
    """Icons under their names as one SVG file, to put into a slide or a board pack; each with what is said where there is none."""
    cells = list(icons)
    rows = ceil(len(cells) / across)
    drawn = []
    for i, (name, icon, instead) in enumerate(cells):
        x, y = i % across * 150, i // across * 124
        picture = icon_svg(icon).replace("<svg ", f'<svg x="{x + 52}" y="{y + 10}" ', 1) if icon else ""
        lines = [*_lines(name), icon_words(icon) if icon else instead]
        text = "".join(
            f'<tspan x="{x + 75}" dy="{0 if k == 0 else 14}">{escape(line)}</tspan>' for k, line in enumerate(lines)
        )
        drawn.append(
            f'{picture}<text x="{x + 75}" y="{y + 72}" font-family="Arial" font-size="12" text-anchor="middle">{text}</text>'
        )
    size = f'width="{across * 150}" height="{rows * 124}" viewBox="0 0 {across * 150} {rows * 124}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{"".join(drawn)}</svg>'


def _points(letter: str, colour: str, way: int) -> str:
    """Points about a mean line; those marked lie above it or below it, with the letter on the side that is free."""
    if not way:
        line = " ".join(f"{x},{y}" for x, y in _WAVE)
        dots = "".join(f'<circle cx="{x}" cy="{y}" r="2.2" fill="{colour}"/>' for x, y in _WAVE)
        limits = "".join(
            f'<path d="M9 {y}H37" stroke="{colour}" stroke-dasharray="3 2" fill="none"/>' for y in (15, 32)
        )
        return f'{limits}<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.2"/>{dots}'
    places = [(x, y if way > 0 else 46 - y) for x, y in ((12, 27), (18, 24), (24, 20), (30, 15), (35, 11))]
    dots = "".join(
        _dot(x, y, colour if i > 1 else "#ffffff", colour, square=colour == ORANGE) for i, (x, y) in enumerate(places)
    )
    line = " ".join(f"{x},{y}" for x, y in places)
    at = 38 if way > 0 else 20
    return (
        f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="1.2"/>{dots}'
        f'<text x="30" y="{at}" font-family="Arial" font-size="15" font-weight="bold" text-anchor="middle" fill="{DARK}">{letter}</text>'
    )


def _dot(x: int, y: int, fill: str, colour: str, *, square: bool) -> str:
    """A point; of a concern it is a square, as on the charts."""
    if square:
        return f'<rect x="{x - 2.2}" y="{y - 2.2}" width="4.4" height="4.4" fill="{fill}" stroke="{colour}" stroke-width="1"/>'
    return f'<circle cx="{x}" cy="{y}" r="2.4" fill="{fill}" stroke="{colour}" stroke-width="1"/>'


def _target(letter: str, colour: str) -> str:
    """The letter over a dashed target line with a wave that lies on the side that the letter says."""
    line = f'<path d="M8 31H38" stroke="{colour}" stroke-width="1.6" stroke-dasharray="3 2" fill="none"/>'
    height = {"P": 26, "F": 36, "?": 31}[letter]
    wave = f'<path d="M12 {height}q2.75 -5 5.5 0t5.5 0t5.5 0t5.5 0" stroke="{colour}" stroke-width="1.6" fill="none"/>'
    return (
        f'{line}{wave}<text x="23" y="21" font-family="Arial" font-size="16" font-weight="bold" text-anchor="middle"'
        f' fill="{DARK}">{letter}</text>'
    )


def _lines(name: str, width: int = 24, most: int = 2) -> list[str]:
    """A name in up to two lines of so many characters."""
    lines = [""]
    for word in name.split():
        if len(lines[-1]) + len(word) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return lines
