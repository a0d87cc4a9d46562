"""Find the comments that speak of the matter of a priority or programme itself, among all on the services that it is for.

A priority on length of stay is judged badly by every complaint about a ward's food. So the comments are counted first in which a
clause carries a theme that the plan's file names for the matter, or holds one of its phrases (delivery_plan.yml, `matter`). Both are
ours, and find some such comments, not all: said with every count.
"""

import json
import re
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from feedback.evidence.words import in_their_sentences
from feedback.filters import Filters, Scope, among, chosen, is_one_of
from feedback.query import Clause, Stored, by_number, suppress
from feedback.quoting import quotable
from feedback.settings import Settings
from feedback.taxonomy import Matter, Programme, Taxonomy

BETWEEN = 5  # words that `…` may stand for
QUOTES = 4
TELLING = 40  # letters of a clause, below which it tells little
HONESTLY = "Themes and phrases find some of the comments that speak of it, not all, and now and then one that does not."

# A clause that speaks of the matter: comment, place, start, end, own polarity and score, polarity and score as it counts, by.
_Row = tuple[int, int, int, int, str, float, str, float, str]


@dataclass(frozen=True, slots=True)
class OnMatter:
    """How many comments speak of the matter itself, and how the clauses that do so sound.

    `comments` of the `read` on its services; the exclusive parts `speaks_for`, `against`, `both` and `neither` make them up; `by_theme` and
    `by_phrase` say how they were found, some by both. Counts are None where they are too small for the reader. `quotes` are
    the surest words, those found by phrase first.
    """

    comments: int | None
    read: int
    speaks_for: int | None
    against: int | None
    both: int | None
    neither: int | None
    by_theme: int | None
    by_phrase: int | None
    themes: tuple[str, ...]
    phrases: tuple[str, ...]
    sentence: str
    quotes: tuple[Clause, ...]


def on_matter(
    conn: sqlite3.Connection,
    taxonomy: Taxonomy,
    programme: Programme,
    asked: Filters,
    scope: Scope,
    read: int,
    *,
    may_read: bool,
) -> OnMatter | None:
    """The comments that speak of the matter of a programme, among those that `asked` chooses; None where nothing says how to find them."""
    themes, phrases = programme.matter.themes, programme.matter.phrases
    if not themes and not phrases:
        return None
    where, parameters = chosen(conn, taxonomy, asked, scope)
    by_theme = _by_theme(conn, where, parameters, programme.matter)
    by_phrase = _by_phrase(conn, where, parameters, phrases)
    signs: dict[int, set[str]] = defaultdict(set)
    for row in (*by_theme, *by_phrase):
        signs[row[0]].update("+-" if row[6] == "~" else row[6])
    sides = _sides(signs.values())
    shown = [cell.n for cell in suppress(list(sides), may_read=may_read)]
    found = [len({row[0] for row in rows}) for rows in (by_theme, by_phrase)]
    hidden = any(n is None for n in shown)
    names = [taxonomy.themes[id].name for id in themes]
    ways = dict(zip(("theme", "phrase"), found, strict=True))
    return OnMatter(
        comments=None if hidden else len(signs),
        read=read,
        speaks_for=shown[0],
        against=shown[1],
        both=shown[2],
        neither=shown[3],
        by_theme=None if hidden else found[0],
        by_phrase=None if hidden else found[1],
        themes=themes,
        phrases=phrases,
        sentence=_hidden() if hidden else _said(len(signs), read, sides, ways, names),
        quotes=_quotes(conn, [*_surest(by_phrase), *_surest(by_theme)]) if may_read else (),
    )


def _by_theme(conn: sqlite3.Connection, where: str, parameters: Mapping[str, object], matter: Matter) -> list[_Row]:
    """The clauses that carry a theme, but for those that speak of what it holds beside the matter (waits of an hour, not of a year)."""
    sql = (
        'SELECT k.comment, CAST(k.detail AS INTEGER), k.start, k."end", k.polarity, k.score, f.polarity, max(f.score), f."by"'
        " FROM main.effective k JOIN effective f ON f.comment = k.comment AND f.kind = 'theme' AND f.start < k.\"end\""
        f' AND f."end" > k.start AND {is_one_of("matter", "f")}'
        f" WHERE k.kind = 'clause' AND {among(where, 'k')} GROUP BY k.comment, k.place"
    )
    labels = json.dumps([["theme", id] for id in matter.themes])
    rows: list[_Row] = conn.execute(sql, {**parameters, "matter": labels}).fetchall()
    if not rows or not matter.without:
        return rows
    pattern = pattern_of(matter.without)
    numbers = json.dumps(list({row[0] for row in rows}))
    texts = dict(
        conn.execute("SELECT number, text FROM comments WHERE number IN (SELECT value FROM json_each(?))", (numbers,))
    )
    return [row for row in rows if not pattern.search(texts[row[0]], row[2], row[3])]


def _by_phrase(
    conn: sqlite3.Connection, where: str, parameters: Mapping[str, object], phrases: Sequence[str]
) -> list[_Row]:
    """The clauses in which a phrase begins; only of comments that were read, since only those have clauses."""
    if not phrases:
        return []
    pattern = pattern_of(tuple(phrases))
    texts = conn.execute(f"SELECT c.number, c.text FROM comments c WHERE {where}", parameters)
    begins = {number: found for number, text in texts if (found := [m.start() for m in pattern.finditer(text)])}
    sql = (
        'SELECT comment, CAST(detail AS INTEGER), start, "end", polarity, score, polarity, score, "by" FROM effective'
        " WHERE kind = 'clause' AND comment IN (SELECT value FROM json_each(?)) ORDER BY comment, place"
    )
    rows = conn.execute(sql, (json.dumps(list(begins)),)).fetchall()
    return [row for row in rows if any(row[2] <= start < row[3] for start in begins[row[0]])]


@lru_cache(maxsize=64)
def pattern_of(phrases: tuple[str, ...]) -> re.Pattern[str]:
    """What finds any of the phrases, whole words, in whatever case.

    >>> [bool(pattern_of(("discharg* … too soon",)).search(said)) for said in ("Discharged her far too soon", "discharged too late")]
    [True, False]
    """
    return re.compile("|".join(_expression(phrase) for phrase in phrases), re.IGNORECASE)


def _expression(phrase: str) -> str:
    """A regular expression for one phrase: words one after another, with whatever is no word between them."""
    parts: list[str] = []
    between = ""
    for word in phrase.split():
        if word == "…":
            between = rf"\W+(?:\w\S*\W+){{0,{BETWEEN}}}?"
            continue
        said = r"\w\S*" if word == "*" else re.escape(word.rstrip("*")).replace("'", "['’]")
        parts.append(
            (between or r"\W+" if parts else "") + said + (r"\w*" if word.endswith("*") and word != "*" else "")
        )
        between = ""
    return rf"(?<!\w){''.join(parts)}(?!\w)"


def _sides(signs: Iterable[set[str]]) -> tuple[int, int, int, int]:
    """For, against, both, neither."""
    counts = [0, 0, 0, 0]
    for said in signs:
        positive, negative = "+" in said, "-" in said
        counts[2 if positive and negative else 0 if positive else 1 if negative else 3] += 1
    return counts[0], counts[1], counts[2], counts[3]


def _surest(rows: Sequence[_Row]) -> list[_Row]:
    """The surest first, those of a few letters ("Bit of a wait") after the others."""
    return sorted(rows, key=lambda row: (row[3] - row[2] < TELLING, -row[7], row[0], row[1]))


def _quotes(conn: sqlite3.Connection, rows: Sequence[_Row]) -> tuple[Clause, ...]:
    first = rows[: QUOTES * 10]
    stored = {one.number: one for one in by_number(conn, list({row[0] for row in first}))}
    return in_their_sentences(
        conn, quotable((_clause(stored[row[0]], row) for row in first), QUOTES, per_service=QUOTES)
    )


def _clause(stored: Stored, row: _Row) -> Clause:
    _, place, start, end, own, _, polarity, score, by = row
    said = stored.analysed
    return Clause(
        citation=f"{stored.citation}.{place}",
        comment=said.comment.id,
        number=place,
        start=start,
        end=end,
        text=said.comment.text[start:end],
        question=said.comment.question,
        date=said.comment.date,
        date_precision=stored.date_precision,
        services=tuple(dict.fromkeys(f.label for f in said.of("service") if f.detail == "subject")),
        respondent=next((f.label for f in said.of("respondent")), "unknown"),
        sentiment=own,
        polarity=polarity,
        score=score,
        by=by,
    )


def _said(n: int, read: int, sides: tuple[int, int, int, int], found: Mapping[str, int], themes: Sequence[str]) -> str:
    if not n:
        return f"None of the {read:,} comments read on its services was found to speak of the matter itself. {HONESTLY}"
    good, bad, both, neither = sides
    parts = [(good, "for"), (bad, "against"), (both, "both"), (neither, "neither for nor against")]
    split = ", ".join(f"{count:,} {side}" for count, side in parts if count)
    named = f" ({', '.join(themes)})" if themes else ""
    ways = [(found["theme"], f"by theme{named}"), (found["phrase"], "by phrase")]
    how = ", ".join(f"{count:,} {way}" for count, way in ways if count)
    speak = "speaks" if n == 1 else "speak"
    return f"{n:,} of the {read:,} comments read on its services {speak} of the matter itself: {split}. Found: {how}. {HONESTLY}"


def _hidden() -> str:
    return f"The figures on the matter itself are hidden: fewer than {Settings().small_number} comments in one of them."
