from collections import Counter
from datetime import date, datetime

import pytest

from feedback.read.dates import form_of, order_of, read_date

TODAY = date(2025, 11, 20)


@pytest.mark.parametrize(
    "cell",
    [
        "08/06/2025",
        "8/6/25",
        "08-06-2025",
        "8.6.2025",
        "08/06/2025 10:15",
        "08/06/2025 10:15:30 AM",
        "2025-06-08",
        "2025/06/08",
        "20250608",
        "2025-06-08T10:15:00Z",
        "2025-06-08 10:15:00.123+01:00",
        "8 June 2025",
        "8th June 2025",
        "Sunday, 8 June 2025",
        "Sun 8 Jun 2025 at 10:15",
        "June 8, 2025",
        "08-Jun-25",
        "45816",
        45816,
        45816.5,
        date(2025, 6, 8),
        datetime(2025, 6, 8, 23, 59),
    ],
)
def test_a_date_is_read_in_every_form_that_exports_use(cell):
    reading = read_date(cell, "day", today=TODAY)
    assert (reading.value, reading.precision, reading.problem) == (date(2025, 6, 8), "day", None)


@pytest.mark.parametrize("cell", ["June 2025", "Jun-25", "2025-06", "06/2025"])
def test_a_month_alone_is_kept_with_the_precision_of_a_month(cell):
    reading = read_date(cell, "day", today=TODAY)
    assert (reading.value, reading.precision) == (date(2025, 6, 1), "month")


def test_a_day_number_of_the_1904_system_counts_from_1904():
    assert read_date(44354, "day", today=TODAY, epoch_1904=True).value == date(2025, 6, 8)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("31/06/2025", "is a day that does not exist"),
        ("29/02/2025", "is a day that does not exist"),
        ("05/05/2044", "is in the future"),
        ("12/08/0202", "is before 2000"),
        (datetime(1900, 1, 1), "is before 2000"),
        ("unknown", "is not a date"),
        ("13/14/2025", "is a day that does not exist"),
        ("99", "is not a date"),
        (True, "is not a date"),
    ],
)
def test_a_date_that_cannot_be_says_why(cell, problem):
    reading = read_date(cell, "day", today=TODAY)
    assert (reading.value, reading.problem) == (None, problem)


@pytest.mark.parametrize(("order", "value"), [("day", date(2025, 4, 3)), ("month", date(2025, 3, 4))])
def test_an_open_date_is_read_in_the_order_of_its_column(order, value):
    assert read_date("03/04/2025", order, today=TODAY).value == value


def test_in_a_mixed_column_only_dates_with_one_reading_are_kept():
    def value(cell):
        return read_date(cell, "both", today=TODAY).value

    assert [value("25/03/2025"), value("03/25/2025"), value("04/04/2025"), value("2025-04-09")] == [
        date(2025, 3, 25),
        date(2025, 3, 25),
        date(2025, 4, 4),
        date(2025, 4, 9),
    ]
    assert read_date("03/04/2025", "both", today=TODAY).problem == "can be read day first or month first"


@pytest.mark.parametrize(
    ("cells", "order"),
    [
        (["25/03/2025", "03/04/2025"], "day"),
        (["03/25/2025", "03/04/2025"], "month"),
        (["03/25/2025", "25/03/2025"], "both"),
        (["03/04/2025", "05/05/2025"], None),
        (["31/06/2025", "2025-01-02", "unknown"], "day"),
        (["25/03/2025"] * 300 + ["03/25/2025"], "day"),
    ],
)
def test_a_column_proves_its_order_by_the_dates_that_can_be_read_in_no_other(cells, order):
    assert order_of(Counter(form for cell in cells if (form := form_of(cell)))) == order
