"""Invented comments in which something is planted: a service that is steady for eighteen months and then changes, beside one that stays."""

from collections.abc import Iterator
from datetime import date

from conftest import MANNER, PARKING, WAIT, Clause, add_batch, analysed

from feedback.comment import Analysed
from feedback.store import Store

STEADY = (3, 5, 4, 3, 4, 5, 3, 4, 4, 5, 3, 4, 5, 3, 4, 3, 5, 4)  # of each month's 20, critical of the wait
KIND: Clause = ("The physio was kind and took her time.", "+", (MANNER, "supportive", "O2"))
LATE: Clause = ("We waited weeks to hear anything.", "-", (WAIT, "responsive", "O3"))
BARRIER: Clause = ("The barrier at the new car park ate my ticket.", "-", (PARKING, "responsive", "O5"))


def month_of(number: int, service: str, late: int, barrier: int = 0, n: int = 20) -> Iterator[Analysed]:
    """A month of one service, counted from January 2025: so many of n complain of the wait, so many of the car park."""
    day = date(2025 + number // 12, 1 + number % 12, 14)
    for k in range(n):
        clause = BARRIER if k < barrier else LATE if k < barrier + late else KIND
        yield analysed(
            f"{service}-{number}-{k}", [clause], day=day, service=service, fft=4 if clause is not KIND else 1
        )


def steady(store: Store) -> int:
    """Eighteen months of podiatry and of Willow ward in which nothing changes, as one batch."""
    months = enumerate(STEADY)
    return add_batch(
        store,
        "steady.csv",
        [one for number, late in months for s in ("podiatry", "ward-willow") for one in month_of(number, s, late)],
    )


def steady_then_planted(store: Store) -> None:
    """Both, one after the other."""
    steady(store)
    planted(store)


def planted(store: Store, month: int = 18) -> int:
    """A month in which podiatry's car park goes wrong and Willow ward stays as it was, as one batch."""
    return add_batch(
        store, f"month-{month}.csv", [*month_of(month, "podiatry", 4, 12), *month_of(month, "ward-willow", 4)]
    )
