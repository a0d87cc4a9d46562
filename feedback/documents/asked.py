"""Say what a pack is on, and how to make it again: one thing asked for, the filters, and the command line for both."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any, Literal, get_args

from feedback.errors import BadInput
from feedback.filters import Filters, describe
from feedback.strategies.bearing import READ_DIRECTLY, EvidenceKind, parse
from feedback.taxonomy import Taxonomy

PackKind = Literal[
    "objective", "value", "statement", "outcome", "strategy", "service", "programme", "board", "comparison"
]
Form = Literal["docx", "html", "md", "json"]
FORMS: tuple[Form, ...] = get_args(Form)
COMPARISON: PackKind = "comparison"  # of two strategies; its id is both versions, older@newer
OF_STRATEGY: tuple[EvidenceKind, ...] = ("objective", "value", "statement", "outcome", "strategy")

# How the command line says a filter; those that it has no option for cannot be asked of it.
_OPTIONS = {"date_from": "from", "date_to": "to"}
NOT_ON_THE_COMMAND_LINE = ("signal", "language", "batch", "topic")


@dataclass(frozen=True, slots=True)
class PackAsked:
    """What a pack is on: a kind with its id (none for the board summary), and all filters, those that say the same among them.

    The id of a comparison of two strategies is both versions, older@newer.
    """

    kind: PackKind
    id: str | None
    filters: Filters

    @property
    def versions(self) -> tuple[str, str]:
        """The older and the newer strategy of a comparison. Raises BadInput for what is none."""
        old, at, new = (self.id or "").partition("@")
        if self.kind != COMPARISON or not (old and at and new):
            raise BadInput("A comparison names an older and a newer strategy.")
        return old, new

    @property
    def base(self) -> Filters:
        """The filters without what is asked for of the strategy: the comments that its evidence is a share of."""
        return self.further if self.kind in OF_STRATEGY else self.filters

    @property
    def further(self) -> Filters:
        """The filters beside the thing itself."""
        if self.id is None or self.kind == COMPARISON:
            return self.filters
        named = "evidence" if self.kind in ("outcome", "strategy") else self.kind
        without: dict[str, Any] = {named: None}
        return replace(self.filters, **without)

    def further_in_words(self, taxonomy: Taxonomy) -> str:
        """The same in words; "" where there are none."""
        given = replace(self.further, date_from=None, date_to=None)
        words = [] if given == Filters() else [describe(taxonomy, given)]
        for name, day in (("from", self.further.date_from), ("to", self.further.date_to)):
            words += [f"{name} {day.day} {day:%B %Y}"] if day else []
        return " · ".join(words)

    def command(self, form: Form = "docx") -> str:
        """The command line that makes the pack again.

        >>> asked_of(Filters(service="podiatry", search="car park")).command("md")
        "feedback report --service podiatry --search 'car park' --format md"
        """
        words = ["feedback", "report", *([] if self.id else ["--board"])]
        if self.kind == COMPARISON:
            words = ["feedback", "strategy", "compare", *self.versions]
        for name, value in plain(self.filters).items():
            words += [f"--{_OPTIONS.get(name, name)}", value]
        return shlex.join([*words, "--format", form])


def asked_of(filters: Filters, *, board: bool = False, compare: tuple[str, str] | None = None) -> PackAsked:
    """What filters ask a pack on: of the strategy if they name a part of it, else a service, else a programme.

    `compare` asks for the comparison of two strategies, by the versions of the older and the newer.
    Raises BadInput where they name nothing, or several parts of the strategy, or what the command line could not say again.
    """
    for name in NOT_ON_THE_COMMAND_LINE:
        if getattr(filters, name) is not None:
            raise BadInput(
                f"A pack cannot be asked for by {name}, since its command line could not say so; leave it out."
            )
    of_strategy: list[tuple[PackKind, str]] = [(kind, id) for kind in READ_DIRECTLY if (id := getattr(filters, kind))]
    if filters.evidence:
        kind, id = parse(filters.evidence)
        if kind not in ("outcome", "strategy"):
            raise BadInput(f"Ask for a pack on {kind} {id} by --{kind} {id}, without --evidence.")
        of_strategy.append((kind, id))
    if of_strategy and (filters.polarity or filters.side):
        raise BadInput("A pack on a part of the strategy has both sides; leave out polarity and side.")
    if compare:
        if of_strategy or filters.polarity or filters.side or filters.strategy or board:
            raise BadInput(
                "Two strategies are compared part by part and on both sides; leave out what asks for a part, a side or a strategy."
            )
        return PackAsked(COMPARISON, "@".join(compare), filters)
    if board:
        if of_strategy or filters.polarity or filters.side:
            raise BadInput(
                "The board summary is on all objectives and values and has both sides; leave the others out."
            )
        return PackAsked("board", None, filters)
    if len(of_strategy) > 1:
        named = " and ".join(kind for kind, _ in of_strategy)
        raise BadInput(f"A pack is on one part of the strategy; {named} were given.")
    if of_strategy:
        return PackAsked(*of_strategy[0], filters)
    if filters.service:
        return PackAsked("service", filters.service, filters)
    if filters.programme:
        return PackAsked("programme", filters.programme, filters)
    raise BadInput(
        "Name one thing to make a pack on: --objective, --value, --statement, --evidence, "
        "--service podiatry, --programme CHT, or --board for the summary of all."
    )


def plain(filters: Filters) -> dict[str, str]:
    """The filters that are set, as text.

    >>> plain(Filters(objective="B2", date_from=date(2026, 1, 1)))
    {'objective': 'B2', 'date_from': '2026-01-01'}
    """
    return {name: str(value) for name, value in asdict(filters).items() if value is not None}


def filters_from(given: Mapping[str, Any]) -> Filters:
    """The filters that `plain` wrote. Raises BadInput for what it cannot have written."""
    known = {f.name for f in fields(Filters)}
    try:
        values: dict[str, Any] = {
            name: date.fromisoformat(v) if name.startswith("date_") else v for name, v in given.items()
        }
        if set(values) <= known and all(isinstance(v, str | date) for v in values.values()):
            return Filters(**values)
    except (ValueError, TypeError):
        pass
    raise BadInput("The record in this file does not say what it asked for as this version writes it.")
