"""Bank holidays are those of the rule; a list that ends says so before it does."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from dateutil.easter import easter

from feedback.errors import BadData
from feedback.safety.holidays import load_holidays
from feedback.settings import DATA


def of_the_rule(year: int) -> list[date]:
    """Schedule 1 of the Banking and Financial Dealings Act 1971 with the days given by proclamation, worked out another way."""

    def monday(month: int, *, last: bool = False) -> date:
        days = [date(year, month, 1) + timedelta(n) for n in range(31)]
        mondays = [day for day in days if day.weekday() == 0 and day.month == month]
        return mondays[-1 if last else 0]

    new_year, christmas = date(year, 1, 1), date(year, 12, 25)
    while new_year.weekday() > 4:
        new_year += timedelta(1)
    winter = [christmas + timedelta(n) for n in range(5)]
    of_winter = [day for day in winter if day.weekday() < 5][:2]
    if date(year, 12, 25).weekday() == 6:  # Boxing Day is a Monday then, and Christmas moves to the Tuesday
        of_winter = [date(year, 12, 26), date(year, 12, 27)]
    sunday = easter(year)
    return [
        new_year,
        sunday - timedelta(2),
        sunday + timedelta(1),
        monday(5),
        monday(5, last=True),
        monday(8, last=True),
        *of_winter,
    ]


def test_the_days_are_those_of_the_rule_for_every_year_of_the_list() -> None:
    known = load_holidays(DATA)
    years = range(known.days[0].year, known.until.year + 1)
    assert list(known.days) == [day for year in years for day in of_the_rule(year)]


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 11, 22), None),
        (date(2028, 9, 1), "The list of bank holidays ends on 31 December 2028"),
        (date(2029, 1, 1), "ended on 31 December 2028, so they count as working days now"),
    ],
)
def test_the_list_says_that_it_ends_half_a_year_before(today: date, said: str | None) -> None:
    told = load_holidays(DATA).caution(today)
    assert (told is None) if said is None else (told is not None and said in told)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- 1\n", "needs version, until and days"),
        ('version: "1"\nuntil: soon\ndays: {}\n', "until: 'soon' is no day"),
        ('version: "1"\nuntil: "2026-12-31"\ndays: {"2027-01-01": New}\n', "2027-01-01 after the day that it ends on"),
        ("a: [\n", "cannot be read"),
    ],
)
def test_a_list_that_does_not_fit_is_refused_on_loading(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "bank_holidays.yml").write_text(text)
    with pytest.raises(BadData, match=said):
        load_holidays(tmp_path)
