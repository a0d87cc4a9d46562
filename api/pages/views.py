"""The documented objects that templates are given, made from what query.py, trend.py and cite.py answer.

Every figure travels with the whole it is a part of, so that no template can show one without its n. A count that the reader
may not see is the reason in words from here on (hidden.py decides, the same for the API), so that no template can show it by
mistake. Services are never put in order of how they fare.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from markupsafe import Markup

from api import hidden
from api.deps import Question
from api.pages import links
from api.pages.render import day
from feedback.comment import SENTIMENT_OF, SIGN_OF
from feedback.evidence.allowing import Allowed, allowed_for
from feedback.evidence.cite import LEAST_WORDS, quotable
from feedback.filters import LOCAL, READ, Filters, chosen, describe
from feedback.over_time.assurance import met_in_words
from feedback.over_time.chart import Bar, as_picture, bars_chart, data_table, trend_chart
from feedback.over_time.icon import icon_svg
from feedback.over_time.trend import TOO_EARLY, Trend, asked_trend
from feedback.query import Clause, LabelCount, Order, ServiceCount, Totals, clauses
from feedback.settings import Settings
from feedback.taxonomy import Service, Taxonomy

FFT = {1: "Very good", 2: "Good", 3: "Neither good nor poor", 4: "Poor", 5: "Very poor", 6: "Don't know"}

SIGNAL_NAMES = {
    "self_harm_suicide": "Self-harm or suicide",
    "abuse_neglect_safeguarding": "Abuse, neglect or safeguarding",
    "harm_medication_clinical_error": "Harm, medication or clinical error",
    "violence_threat": "Violence or threat",
    "discrimination_hate": "Discrimination or hate",
    "restraint_seclusion_concern": "Restraint or seclusion",
    "privacy_breach": "Breach of privacy",
    "child_risk": "Risk to a child",
    "unsafe_environment": "Unsafe environment",
    "deterioration_no_help": "Getting worse without help",
    "complaint_intent": "Wants to complain",
}

# What a person is told of a clause or label, by its polarity: for a clause, a theme, and a part of the strategy.
SIDES = {"+": "praise", "-": "criticism", "~": "both praise and criticism", "0": "neither praise nor criticism"}
STANDS = {"+": "for", "-": "against", "~": "both for and against", "0": "neither for nor against"}

# Languages that the two counties' translators are asked for most; any other is shown by its code.
LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "cs": "Czech", "cy": "Welsh", "de": "German", "es": "Spanish",
    "fa": "Persian", "fr": "French", "hi": "Hindi", "hu": "Hungarian", "it": "Italian", "lt": "Lithuanian", "lv": "Latvian",
    "pa": "Punjabi", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "so": "Somali",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "zh": "Chinese",
}  # fmt: skip

QUOTE_RULE = (
    "Quoted are the clauses whose sentiment the model is surest of on each side; clauses of fewer than "
    f"{LEAST_WORDS} words, near-repeats of one already quoted and a second one of the same comment are passed over"
)
EXAMPLE_WORDS = 8  # an example of fewer says little; quotes that are counted on for evidence follow cite.py alone
WIDE, WIDE_BARS, NARROW = 510, 680, 330  # pixels: one of two charts side by side, bars on a desk, and on a telephone

# What a service is watched by: what people ticked, and what they wrote.
MEASURES = {"fft_positive": "Friends and Family Test", "negative": "Negative comments", "positive": "Positive comments"}


# A count as this reader may see it: the number, or the reason why it is hidden.
Count = int | str

# How a part of a strategy is found, where it is not simply read by a model.
BASIS: Mapping[str, str] = {
    "read": "",
    "part": "in a part of what is read",
    "rule": "by rule from themes, not read",
    "unread": "",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A count and the whole that it is a part of; None where the whole would give a hidden part away.

    >>> Part(5, 45).words, Part(2, 7).words, Part("fewer than 5", 45).words, Part("fewer than 5", None).words
    ('11% (5 of 45)', '2 of 7', 'fewer than 5 of 45', 'fewer than 5')
    """

    n: Count
    of: Count | None

    @property
    def percent(self) -> str | None:
        """The share in words; None where it is hidden or rests on so few that a share would mislead."""
        if not isinstance(self.n, int) or not isinstance(self.of, int) or self.of < Settings().hollow_number:
            return None
        share = self.n / self.of
        return "less than 1%" if 0 < share < 0.005 else f"{share:.0%}"

    @property
    def words(self) -> str:
        """The share with its count and its whole."""
        counted = shown(self.n) if self.of is None else f"{shown(self.n)} of {shown(self.of)}"
        return f"{self.percent} ({counted})" if self.percent else counted


@dataclass(frozen=True, slots=True)
class Mix:
    """How read comments divide by sentiment.

    `bar` holds (sentiment, start, width) in hundredths; none where a count is hidden or there are too few for shares.
    """

    read: int | None
    positive: Part
    mixed: Part
    neutral: Part
    negative: Part

    @property
    def bar(self) -> tuple[tuple[str, float, float], ...]:
        """The stretches of a bar, praise first."""
        if self.read is None or self.read < Settings().hollow_number:
            return ()
        stretches, start = [], 0.0
        for name in ("positive", "mixed", "neutral", "negative"):
            n = getattr(self, name).n
            if n:
                width = 100 * n / self.read
                stretches.append((name, round(start, 2), round(width, 2)))
                start += width
        return tuple(stretches)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number in large, with its n beside it, and where the comments behind it are."""

    name: str
    value: str
    note: str
    href: str | None = None
    link: str = "See the comments"


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that can be quoted, with the address that never changes and, in words, who said them, when and of what; `before` and `after` are the
    rest of their sentence, where that is shown."""

    text: str
    citation: str
    href: str
    said: str
    side: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One line of the tree of services. `n` counts comments about it and everything below it."""

    id: str
    title: str
    href: str
    level: str
    depth: int
    unconfirmed: bool
    n: Count
    comments: str
    mix: Mix


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One theme, value, objective or statement: comments that speak of it, for and against, each with the address of the words.

    A comment that praises and criticises in two places counts on both sides. `reach` is the longer side of its bar as a
    share of the longest in the table; `good_width` and `bad_width` are in hundredths of half the bar. `how` it is found is said where no
    model reads it; of what is `unread` nothing is known, and its counts are reasons. `allowing` is the share with misreading allowed for,
    where it can be; `doubt` says why no share is given at all.
    """

    id: str
    title: str
    href: str
    share: Part
    good: Count
    bad: Count
    good_href: str
    bad_href: str
    good_width: float = 0.0
    bad_width: float = 0.0
    how: str = ""
    unread: bool = False
    allowing: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A theme that many speak of on one side, with an example."""

    title: str
    href: str
    part: Part
    comments: str
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart in the widths of a desk and of a telephone, what it says in a sentence, and the same figures as a table.

    `target` says whether the target that stands for it is met, with its icon where that may be said; empty where there is none.
    """

    id: str
    title: str
    wide: Markup
    narrow: Markup
    sentence: str
    warnings: Sequence[str]
    rows: Sequence[Mapping[str, str]]
    target: str = ""
    target_icon: Markup | None = None


@dataclass(frozen=True, slots=True)
class Chip:
    """One filter in force, in words, and the address of the page without it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Period:
    """One choice of dates."""

    text: str
    href: str
    now: bool


def shown(n: Count) -> str:
    """A count as it is read, or why it is hidden.

    >>> shown(5177), shown("fewer than 5")
    ('5,177', 'fewer than 5')
    """
    return n if isinstance(n, str) else f"{n:,}"


def count_of(row: Mapping[str, Any], name: str) -> Count:
    """A count of a row of hidden.py, or the reason why it is not there."""
    return row["suppressed"][name] if row[name] is None else row[name]


def mix(row: Mapping[str, Any]) -> Mix:
    """The sentiments of a row of hidden.py, with the comments read as the whole."""
    counts = [row[name] for name in SIGN_OF]
    read = None if None in counts else sum(counts)
    return Mix(read, **{name: Part(count_of(row, name), read) for name in SIGN_OF})


def figures(question: Question, total: Totals) -> tuple[Figure, ...]:
    """The few numbers at the head of a page: how many comments, how they sound, and what the forms say."""
    may_read = question.reader.may_read
    comments = count_of(hidden.totals(total, may_read=may_read), "comments")
    (sounds,) = hidden.rows([SentimentCount(total.read, **total.sentiment)], may_read=may_read)
    read = mix(sounds)
    found = [
        Figure("Comments", shown(comments), dates(total), links.comments(question.filters)),
        _sentiment_figure(question, "positive", read.positive),
        _sentiment_figure(question, "negative", read.negative),
    ]
    if read.mixed.n != 0:
        found.append(_sentiment_figure(question, "mixed", read.mixed, "Praise and criticism in one"))
    answers = sum(total.fft.values())
    if answers:
        good, poor = total.fft[1] + total.fft[2], total.fft[4] + total.fft[5]
        (fft,) = hidden.rows([_Answers(answers, good, poor)], may_read=may_read, parts=("good", "poor"))
        of = count_of(fft, "n")
        note = (
            f"{shown(count_of(fft, 'good'))} of {shown(of)} answers to the Friends and Family Test; "
            f"{shown(count_of(fft, 'poor'))} poor or very poor"
        )
        figure = Part(count_of(fft, "good"), of)
        found.append(Figure("Very good or good", figure.percent or figure.words, note))
    return tuple(found)


def _sentiment_figure(question: Question, sentiment: str, part: Part, name: str | None = None) -> Figure:
    whole = "" if part.of is None else f" of {shown(part.of)}"
    href = links.comments(question.filters, sentiment=sentiment)
    note = f"{shown(part.n)}{whole} comments read"
    return Figure(name or sentiment.capitalize(), part.percent or shown(part.n), note, href)


@dataclass(frozen=True, slots=True)
class SentimentCount:
    """Read comments by sentiment."""

    n: int
    positive: int
    neutral: int
    negative: int
    mixed: int


@dataclass(frozen=True, slots=True)
class _Answers:
    n: int
    good: int
    poor: int


def dates(total: Totals) -> str:
    """The span of the comments, in words.

    >>> dates(Totals(0, 0, 0, 0, 0, {}, {}, None, None, 0, 0))
    'no comments with a date'
    """
    if total.first is None or total.last is None:
        return "no comments with a date"
    return day(total.first) if total.first == total.last else f"{day(total.first)} to {day(total.last)}"


def service_rows(question: Question, rows: Sequence[ServiceCount]) -> tuple[ServiceRow, ...]:
    """The tree of services, in the order of the directory."""
    return tuple(
        ServiceRow(
            id=row["id"],
            title=row["title"],
            href=links.service(row["id"], question.filters),
            level=question.taxonomy.services[row["id"]].level,
            depth=row["depth"],
            unconfirmed=row["unconfirmed"],
            n=count_of(row, "n"),
            comments=links.comments(question.filters, service=row["id"]),
            mix=mix(row),
        )
        for row in hidden.rows(rows, may_read=question.reader.may_read, among=lambda row: row.parent)
    )


def label_rows(question: Question, kind: str, rows: Iterable[LabelCount], read: int) -> tuple[LabelRow, ...]:
    """Themes, values, objectives, statements, outcomes or supporting strategies ("strategy") with their two sides.

    `read` is the number of comments they are a share of. Misreading is allowed for in values and objectives, where it can be.
    """
    rows = list(rows)
    conn, taxonomy, filters, scope = question.asked
    allowed_of = (
        allowed_for(conn, taxonomy, kind, rows, filters, scope, read) if kind in ("value", "objective") else {}  # type: ignore[arg-type]  # one of its two
    )
    # The scale would give a hidden count away, so it is made of what is shown.
    allowed = hidden.rows(rows, may_read=question.reader.may_read, also=("share",))
    most = max((max(row["positive"] or 0, row["negative"] or 0) for row in allowed), default=0) or 1
    return tuple(
        LabelRow(
            id=row["id"],
            title=row["title"] if kind in ("theme", "value") else f"{row['id']} {row['title']}".rstrip("."),
            href=links.theme(row["id"], question.filters)
            if kind == "theme"
            else links.strategy(kind, row["id"], question.filters),
            share=Part(count_of(row, "n"), read),
            good=count_of(row, "positive"),
            bad=count_of(row, "negative"),
            good_href=links.comments(question.filters, **_asked(kind, row["id"]), polarity="+"),
            bad_href=links.comments(question.filters, **_asked(kind, row["id"]), polarity="-"),
            good_width=round(100 * (row["positive"] or 0) / most, 2),
            bad_width=round(100 * (row["negative"] or 0) / most, 2),
            how=BASIS[row["basis"]],
            unread=row["basis"] == "unread",
            allowing=_allowing(allowed_of.get(row["id"])) if row["n"] is not None else "",
            doubt=allowed_of[row["id"]].doubt if row["id"] in allowed_of else "",
        )
        for row in allowed
    )


def _allowing(one: Allowed | None) -> str:
    """The share of the comments read with misreading allowed for, in words; "" where it cannot be."""
    return one.found.estimate.in_words if one and one.found and one.found.estimate and not one.doubt else ""


def _asked(kind: str, id: str) -> dict[str, str]:
    """The filter that asks for a label: its own, or as evidence what has none."""
    return {"evidence": f"{kind}:{id}"} if kind in ("outcome", "strategy") else {kind: id}


def quote(taxonomy: Taxonomy, clause: Clause, sides: Mapping[str, str] = SIDES) -> Quote:
    """A clause with all that stands beside it on a page."""
    who = "" if clause.respondent == "unknown" else clause.respondent
    of = ", ".join(taxonomy.service_name(id) for id in clause.services)
    said = [day(clause.date, clause.date_precision), who, of]
    return Quote(
        text=clause.text,
        citation=clause.citation,
        href=links.comment(clause.citation),
        said=", ".join(part for part in said if part),
        side=sides.get(clause.polarity, ""),
        before=clause.before,
        after=clause.after,
    )


def quotes(
    question: Question, sign: str, wanted: int, *, per_service: int = 2, sides: Mapping[str, str] = SIDES
) -> tuple[Quote, ...]:
    """The clauses that a page quotes on one side, by QUOTE_RULE; none for a reader of figures alone."""
    found = quotable(_candidates(question, sign, wanted * 20), wanted, per_service=per_service)
    return tuple(quote(question.taxonomy, clause, sides) for clause in found)


def example(question: Question, sign: str) -> Quote | None:
    """One clause that shows what a theme is about: by the same rule, but of EXAMPLE_WORDS or more where there is one."""
    candidates = _candidates(question, sign, 40)
    long = [clause for clause in candidates if len(clause.text.split()) >= EXAMPLE_WORDS]
    found = quotable(long or candidates, 1)
    return quote(question.taxonomy, found[0]) if found else None


def _candidates(question: Question, sign: str, limit: int) -> tuple[Clause, ...]:
    orders: dict[str, Order] = {"+": "positive", "-": "negative"}
    if not question.reader.may_read:
        return ()
    conn, taxonomy, filters, scope = question.about(polarity=sign).asked
    return clauses(conn, taxonomy, filters, scope, order=orders[sign], limit=limit)


def spoken(question: Question, rows: Iterable[LabelCount], sign: str, wanted: int, read: int) -> tuple[Spoken, ...]:
    """The themes that most comments praise, or criticise, each with an example; fewer than `small_number` are no theme yet."""
    side = {"+": "positive", "-": "negative"}[sign]
    enough = Settings().small_number
    most = sorted((row for row in rows if getattr(row, side) >= enough), key=lambda row: -getattr(row, side))[:wanted]
    found = []
    for row in most:
        found.append(
            Spoken(
                title=row.title,
                href=links.theme(row.id, question.filters),
                part=Part(getattr(row, side), read),
                comments=links.comments(question.filters, theme=row.id, polarity=sign),
                quote=example(question.about(theme=row.id), sign),
            )
        )
    return tuple(found)


def movement(question: Question, measure: str = "negative") -> Trend:
    """How something moves by month, as the reader may see it."""
    return asked_trend(*question.asked, measure=measure, may_read=question.reader.may_read)


def trends(question: Question, total: Totals, measures: Iterable[str] = MEASURES) -> tuple[Drawing, ...]:
    """How the comments chosen move, one chart for each measure; none where no comment has a date, or no form an answer."""
    if total.last is None:
        return ()
    asked = [measure for measure in measures if measure != "fft_positive" or any(total.fft.values())]
    return tuple(drawn(movement(question, m), MEASURES[m], m.replace("_", "-")) for m in asked)


def drawn(trend: Trend, title: str, id: str) -> Drawing:
    """The chart of a trend; its sentence alone where no period has enough to show."""
    if not trend.shown:
        return Drawing(id, title, Markup(), Markup(), trend.sentence, (), ())
    return Drawing(
        id=id,
        title=title,
        wide=_picture(trend_chart(trend, title, width=WIDE)),
        narrow=_picture(trend_chart(trend, title, width=NARROW)),
        sentence=trend.sentence,
        warnings=trend.warnings,
        rows=data_table(trend),
        target=met_in_words(trend),
        target_icon=_assurance(trend),
    )


def _assurance(trend: Trend) -> Markup | None:
    """The icon of a target, where there are limits enough to say whether it will be met."""
    last = trend.shown[-1]
    enough = sum(point.phase == last.phase for point in trend.shown) >= TOO_EARLY and last.lpl is not None
    if trend.target is None or trend.assurance_icon is None or not enough:
        return None
    return Markup(icon_svg(trend.assurance_icon))  # drawn by us, of no one's words


def bars(rows: Sequence[LabelRow], title: str, id: str) -> Drawing:
    """Praise and criticism by theme, one bar each, in the order given."""
    chart_rows = [Bar(row.title, *(n if isinstance(n, int) else None for n in (row.good, row.bad))) for row in rows]
    return Drawing(
        id=id,
        title=title,
        wide=_picture(bars_chart(chart_rows, title, width=WIDE_BARS)),
        narrow=_picture(bars_chart(chart_rows, title, width=NARROW)),
        sentence="",
        warnings=(),
        rows=[{"Theme": row.title, "Praise": shown(row.good), "Criticism": shown(row.bad)} for row in rows],
    )


def _picture(spec: dict[str, Any]) -> Markup:
    """A chart as one picture: whoever listens hears its description and then the table, not every line and dot of it.

    It is drawn here, of our own numbers and names, so it is let through as it is.
    """
    return Markup(as_picture(spec))


def chips(question: Question, path: str, **more: str | int | None) -> tuple[Chip, ...]:
    """The filters in force, each with the way to take it off."""
    found = []
    for field in fields(Filters):
        value = getattr(question.filters, field.name)
        if value is not None:
            text = in_words(question.taxonomy, field.name, value)
            found.append(Chip(text, links.without(path, question.filters, field.name, **more)))
    return tuple(found)


def in_words(taxonomy: Taxonomy, name: str, value: Any) -> str:
    """One filter as a person says it.

    >>> from feedback.taxonomy import load_taxonomy
    >>> in_words(load_taxonomy(), "polarity", "-")
    'Side: criticism'
    """
    if name == "disagree":
        said = describe(taxonomy, Filters(disagree=value))
        return said[:1].upper() + said[1:]
    if name in ("date_from", "date_to"):
        return f"{'From' if name == 'date_from' else 'To'} {day(value)}"
    if name == "theme" and str(value).startswith(LOCAL):
        return f"Theme: {describe(taxonomy, Filters(theme=value))}"
    if name == "evidence":
        return f"Evidence on {describe(taxonomy, Filters(evidence=value)).removeprefix('evidence on ')}"
    if (name, value) == ("sentiment", READ):
        return "Comments that were read"
    titles: dict[str, Mapping[str, str]] = {
        "service": {id: s.name for id, s in taxonomy.services.items()}
        | {id: o.name for id, o in taxonomy.organisations.items()},
        "theme": {id: t.name for id, t in taxonomy.themes.items()},
        "value": {id: v.name for id, v in taxonomy.values.items()},
        "objective": {id: f"{id} {o.title}" for id, o in taxonomy.objectives.items()},
        "statement": {id: f"{id} {s.title}" for id, s in taxonomy.statements.items()},
        "programme": {id: p.title for id, p in taxonomy.programmes.items()},
        "polarity": SIDES,
        "signal": SIGNAL_NAMES,
        "language": LANGUAGES,
    }
    label = {
        "polarity": "Side",
        "side": "Stands",
        "signal": "Safety flag",
        "programme": "Delivery plan",
        "search": "Words",
        "batch": "Upload",
    }
    return f"{label.get(name, name.capitalize())}: {titles.get(name, {}).get(value, value)}"


def language_name(code: str) -> str:
    """A language's English name, or its code.

    >>> language_name("pl"), language_name("eo")
    ('Polish', 'another language (eo)')
    """
    return LANGUAGES.get(code, f"another language ({code})")


def periods(question: Question, path: str, **more: str | int | None) -> tuple[Period, ...]:
    """The choices of dates, up to the newest comment that there is."""
    where, parameters = chosen(question.conn, question.taxonomy, Filters(), question.reader.scope)
    newest = question.conn.execute(f"SELECT max(date) FROM comments c WHERE {where}", parameters).fetchone()[0]
    last = date.fromisoformat(newest) if newest else None
    return tuple(Period(*choice) for choice in links.periods(path, question.filters, last, **more))


def sentiment_word(polarity: str) -> str:
    """A clause's sentiment, for its looks and for those who do not see them.

    >>> sentiment_word("+"), sentiment_word("~")
    ('positive', 'mixed')
    """
    return SENTIMENT_OF.get(polarity) or next((name for name, sign in SIGN_OF.items() if sign == polarity), "neutral")


def in_tree_order(taxonomy: Taxonomy) -> Iterator[tuple[str, Service]]:
    """Each service before those below it."""
    children: dict[str | None, list[str]] = {}
    for service in taxonomy.services.values():
        children.setdefault(service.parent, []).append(service.id)
    waiting = list(reversed(children[None]))
    while waiting:
        id = waiting.pop()
        yield id, taxonomy.services[id]
        waiting += reversed(children.get(id, []))
