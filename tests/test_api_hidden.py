"""Small counts: whatever the figures are, none that leads to a person is shown to one who may not read the comments."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from api import hidden
from feedback.query import Totals

PARTS = ("good", "bad")


@dataclass(frozen=True, slots=True)
class Row:
    n: int
    good: int
    bad: int
    mean: float = 2.5
    parent: str = ""


@st.composite
def counted(draw: st.DrawFn) -> Row:
    good, bad, rest = (draw(st.integers(0, 12)) for _ in range(3))
    return Row(good + bad + rest, good, bad, parent=draw(st.sampled_from("ab")))


def shown(rows: list[Row], *, may_read: bool) -> list[dict[str, object]]:
    return hidden.rows(rows, may_read=may_read, parts=PARTS, also=("mean",), among=lambda row: row.parent)


@given(st.lists(counted(), max_size=8))
def test_one_who_may_read_is_shown_everything(rows: list[Row]) -> None:
    assert shown(rows, may_read=True) == [
        {"n": r.n, "good": r.good, "bad": r.bad, "mean": r.mean, "parent": r.parent, "suppressed": {}} for r in rows
    ]


@given(st.lists(counted(), max_size=8))
def test_no_count_from_one_to_four_is_shown_to_another(rows: list[Row]) -> None:
    for row in shown(rows, may_read=False):
        assert not {1, 2, 3, 4} & {row[name] for name in ("n", *PARTS)}


@given(st.lists(counted(), max_size=8))
def test_what_is_hidden_says_so_and_what_is_shown_is_as_counted(rows: list[Row]) -> None:
    for before, after in zip(rows, shown(rows, may_read=False), strict=True):
        reasons = after["suppressed"]
        assert isinstance(reasons, dict)
        for name in ("n", "mean", *PARTS):
            assert after[name] == (None if name in reasons else getattr(before, name))


@given(st.lists(counted(), max_size=8))
def test_the_parts_of_a_row_are_shown_together_or_not_at_all(rows: list[Row]) -> None:
    for row in shown(rows, may_read=False):
        assert len({row[name] is None for name in PARTS}) == 1
        assert row["n"] is not None or row["good"] is None


@given(st.lists(counted(), max_size=8))
def test_no_row_is_hidden_alone_among_neighbours_that_could_be_hidden_with_it(rows: list[Row]) -> None:
    after = shown(rows, may_read=False)
    for parent in "ab":
        group = [(before, row) for before, row in zip(rows, after, strict=True) if before.parent == parent]
        shown_counts = [before.n for before, row in group if row["n"] is not None and before.n]
        assert sum(row["n"] is None for _, row in group) != 1 or not shown_counts


def test_totals_hide_the_parts_that_could_be_worked_out_from_the_rest() -> None:
    found = Totals(
        comments=40,
        read=36,
        contentless=1,
        other_languages=3,
        respondents=38,
        sentiment={"positive": 20, "neutral": 0, "negative": 12, "mixed": 4},
        fft={1: 9, 2: 0, 3: 0, 4: 0, 5: 7, 6: 1},
        first=None,
        last=None,
        undated=2,
        no_service=6,
    )
    after = hidden.totals(found, may_read=False)
    assert (after["comments"], after["read"], after["contentless"], after["other_languages"]) == (40, 36, None, None)
    assert after["sentiment"] == {"positive": 20, "neutral": 0, "negative": None, "mixed": None}
    assert after["fft"] == {1: 9, 2: 0, 3: 0, 4: 0, 5: None, 6: None}
    assert (after["undated"], after["no_service"]) == (None, 6)
    assert after["suppressed"] == {
        "contentless": "fewer than 5",
        "other_languages": "fewer than 5",
        "undated": "fewer than 5",
        "sentiment.negative": "it would show another that is hidden",
        "sentiment.mixed": "fewer than 5",
        "fft.5": "it would show another that is hidden",
        "fft.6": "fewer than 5",
    }


def test_totals_of_a_handful_hide_when_they_came() -> None:
    few = Totals(2, 2, 0, 0, 2, {"positive": 2}, {1: 2}, None, None, 0, 0)
    after = hidden.totals(few, may_read=False)
    assert (after["comments"], after["first"], after["last"]) == (None, None, None)
