"""Draft the reply to the public ("You said … we did …") from what was recorded, and release it when a person says so.

No sentence is made up: each comes from the record of the action, from the comments it answers or from the figures, and carries
its sources, which stand beside the draft and never in the public text. What a person writes themselves is told apart from that.
Nothing is released by itself. A released reply is kept as it was released, whatever becomes of the action; it can be withdrawn.
What could tell who wrote a comment is refused (disclosure.py), and so is a text in which identity had to be hidden.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from feedback.actions import Action, answered
from feedback.disclosure import Disclosure
from feedback.erase import runs
from feedback.errors import BadInput, NotFound
from feedback.filters import Scope
from feedback.over_time.before_after import Comparison, Side, compare, months_named, recent
from feedback.query import Stored, by_number, comment
from feedback.replies.easy_read import EasyWords, easy, explained, load_easy_words, sentences, too_hard
from feedback.settings import Settings
from feedback.store import Store
from feedback.taxonomy import Taxonomy

Form = Literal["standard", "easy_read"]
Kind = Literal["record", "comment", "figures", "standing", "person"]

FORMS: dict[Form, str] = {"standard": "You said, we did", "easy_read": "Easy read"}
MOST = 10_000  # characters of a reply
ALIKE = 60  # 0 to 100: a sentence this like a drafted one is that one, changed
REPLACED = "Replaced by a later one."

_HEADINGS = {
    "done": "What we did",
    "under_way": "What we are doing",
    "planned": "What we plan to do",
    "stopped": "What we had planned",
}
_PLACEHOLDER = re.compile(r"\[[A-Z][A-Z ]+\]")
_NUMBER = re.compile(r"\d[\d,.]*%?")
_LINK = re.compile(r"https?://|\[[^\]]*\]\(|<")
_BOLD = re.compile(r"\*\*(.+?)\*\*")

# Verbs with which people begin what they did; those that end in -ed need no list.
_PAST = frozenset(
    [
        "began",
        "bought",
        "brought",
        "built",
        "chose",
        "cut",
        "drew",
        "found",
        "gave",
        "got",
        "held",
        "hired",
        "kept",
        "led",
        "let",
        "made",
        "met",
        "paid",
        "put",
        "ran",
        "rang",
        "rebuilt",
        "rewrote",
        "sent",
        "set",
        "spent",
        "split",
        "spoke",
        "taught",
        "told",
        "took",
        "wrote",
    ]
)
_NO_VERBS = frozenset(
    [
        "hundred",
        "indeed",
        "need",
        "speed",
        "kindred",
        "limited",
        "related",
        "dedicated",
        "improved",
        "increased",
        "extended",
        "united",
    ]
)
_BASE = frozenset(
    [
        "add",
        "agree",
        "appoint",
        "arrange",
        "ask",
        "begin",
        "book",
        "bring",
        "build",
        "buy",
        "call",
        "change",
        "check",
        "create",
        "cut",
        "design",
        "double",
        "employ",
        "extend",
        "fit",
        "fix",
        "fund",
        "give",
        "help",
        "hire",
        "hold",
        "improve",
        "increase",
        "install",
        "introduce",
        "invite",
        "keep",
        "launch",
        "let",
        "make",
        "meet",
        "mend",
        "move",
        "offer",
        "open",
        "order",
        "paint",
        "pilot",
        "print",
        "produce",
        "provide",
        "publish",
        "put",
        "recruit",
        "reduce",
        "remind",
        "repair",
        "replace",
        "review",
        "revise",
        "rewrite",
        "ring",
        "run",
        "send",
        "set",
        "share",
        "show",
        "simplify",
        "start",
        "stop",
        "take",
        "teach",
        "tell",
        "test",
        "train",
        "translate",
        "trial",
        "try",
        "update",
        "use",
        "visit",
        "work",
        "write",
    ]
)


@dataclass(frozen=True, slots=True)
class Source:
    """What a sentence rests on, in words; of a comment with its citation, and never with its words."""

    kind: Kind
    says: str
    citation: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence under its heading, with what it rests on; `changed`: a person wrote it, or changed it from the draft."""

    heading: str
    text: str
    sources: tuple[Source, ...]
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """The words for the public as a whole."""

    form: Form
    title: str
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        """As Markdown. In easy read each sentence stands by itself, elsewhere those under a heading make a paragraph."""
        parts, between = [f"# {self.title}"], "\n\n" if self.form == "easy_read" else " "
        for heading, under in _by_heading(self.sentences):
            parts.append(f"## {heading}\n\n{between.join(one.text for one in under)}")
        return "\n\n".join(parts) + "\n"


@dataclass(frozen=True, slots=True)
class Traced:
    """A text sentence by sentence with what each rests on. `refusals` stand in the way of release; `hints` are to be looked at."""

    sentences: tuple[Sentence, ...]
    refusals: tuple[str, ...]
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """A reply or a draft of one, as it is kept; times are ISO 8601, UTC. `text` is empty where its words were removed."""

    id: int
    action: int
    form: Form
    text: str = field(repr=False)
    written_by: str
    written_at: str
    released_by: str | None
    released_at: str | None
    withdrawn_by: str | None
    withdrawn_at: str | None
    reason: str

    @property
    def stands(self) -> bool:
        """Whether it is released and not withdrawn."""
        return self.released_at is not None and self.withdrawn_at is None


# The draft


def draft(conn: sqlite3.Connection, taxonomy: Taxonomy, action: Action, form: Form, scope: Scope) -> Draft:
    """The reply as it follows from the record: no figure in it leads to fewer than 5 comments."""
    _check_form(form)
    comparison = compare(conn, taxonomy, action, scope, may_read=False)
    make = _Drafting(conn, taxonomy, action, scope, comparison)
    name = taxonomy.service_name(action.service)
    if form == "easy_read":
        return Draft(form, "You said, we did: easy read", tuple(_easy(make, load_easy_words(Settings().data))))
    return Draft(form, f"You said, we did: {name}", tuple(_standard(make)))


@dataclass(frozen=True, slots=True)
class _Drafting:
    conn: sqlite3.Connection
    taxonomy: Taxonomy
    action: Action
    scope: Scope
    comparison: Comparison

    @property
    def service(self) -> str:
        return self.taxonomy.service_name(self.action.service)

    def heard(self) -> tuple[Source, ...]:
        cited = answered(self.conn, self.action.id or 0, self.scope)
        return (self.recorded("what was heard"), *(Source("comment", "a comment that it answers", c) for c in cited))

    def recorded(self, what: str) -> Source:
        return Source("record", f"action {self.action.id}, {what}")

    def figures(self) -> Source:
        asked = f"--service {self.action.service}"
        asked += f" --theme {self.action.theme}" if self.action.theme else ""
        asked += f" --statement {self.action.statement}" if self.action.statement else ""
        return Source("figures", f"figures of before and after; feedback trend {asked}")


def _standard(make: _Drafting) -> Iterator[Sentence]:
    action = make.action
    for text in sentences(action.you_said):
        yield Sentence("You said", text, make.heard())
    yield from (Sentence("You said", text, (make.figures(),)) for text in _how_many(make))
    heading = _HEADINGS[action.state]
    for text in as_we(action.we_did, action.state):
        yield Sentence(heading, text, (make.recorded("what was or will be done"),))
    if when := _when(action):
        yield Sentence(heading, when, (make.recorded("its day and state"),))
    if action.outcome:
        came = "Why we stopped" if action.state == "stopped" else "What came of it"
        yield from (Sentence(came, text, (make.recorded("what came of it"),)) for text in sentences(action.outcome))
    yield from (Sentence("What people say since", text, (make.figures(),)) for text in _since(make))
    yield Sentence("Tell us more", "Please keep telling us what you think of our care.", (_STANDING,))


_STANDING = Source("standing", "the same in every reply")


def _how_many(make: _Drafting) -> Iterator[str]:
    """How many said so, in the months before the action or in the last ones."""
    comparison = make.comparison
    if comparison.before and comparison.rows:
        window, row = comparison.before, comparison.rows[0]
        side, phrase = row.before, row.phrase
    else:
        found = recent(make.conn, make.taxonomy, make.action, make.scope, may_read=False)
        if found is None:
            return
        window, phrase, side = found
    if side.share is None or not side.k:
        return
    includes = ", which includes this" if make.action.theme or make.action.statement else ""
    months = _from_to(window)
    yield f"{months}, {_of(side)} about {make.service} {phrase}{includes}."


def _since(make: _Drafting) -> Iterator[str]:
    row, comparison = make.comparison.says, make.comparison
    if make.action.state != "done":
        return
    if comparison.after is None:
        yield "It is too early to say what has changed."
    elif row is None:
        if comparison.rows[0].after.n is not None:  # else even that they are few would be told
            yield "Too few people have told us what they think for us to say whether anything has changed."
    else:
        yield f"{_from_to(comparison.after)}, {_of(row.after)} {row.phrase}."
        if not row.beyond_chance:
            yield "A difference like this can come about by chance, so we cannot say whether anything has changed."
        else:
            fewer = "fewer" if (row.difference or 0.0) < 0 else "more"
            yield f"That is {fewer} than before, by more than chance would explain, but other things may have changed too."


def _of(side: Side) -> str:
    none = "none" if side.k == 0 else f"{side.k:,}"
    return f"{none} of the {side.n:,} comments" + (f" ({side.share:.0%})" if side.k and side.share is not None else "")


def _from_to(window: tuple[date, date]) -> str:
    return f"In {months_named(window)}" if window[0] == window[1] else f"From {months_named(window)}"


def _when(action: Action) -> str | None:
    when = f"{action.date.day} {action.date.strftime('%B %Y')}"
    return {
        "done": f"We did this on {when}.",
        "under_way": f"We have started, and plan to finish by {when}.",
        "planned": f"We plan to do this by {when}.",
    }.get(action.state)


def as_we(text: str, state: str) -> tuple[str, ...]:
    """What was or will be done as the Trust says it to people: a note that begins with its verb is given its "we".

    >>> as_we("Opened a Saturday clinic. Two nurses joined", "done")
    ('We opened a Saturday clinic.', 'Two nurses joined.')
    >>> as_we("Open a Saturday clinic", "planned"), as_we("Recruiting two nurses", "under_way")
    (('We plan to open a Saturday clinic.',), ('We are recruiting two nurses.',))
    >>> as_we("A new phone line was put in", "done")
    ('A new phone line was put in.',)
    """
    return tuple(_with_we(sentence, state) for sentence in sentences(text))


def _with_we(sentence: str, state: str) -> str:
    first, _, rest = sentence.partition(" ")
    verb = first.lower().rstrip(".,")
    if not rest:
        return sentence
    past = verb in _PAST or (verb.endswith("ed") and len(verb) > 4 and verb not in _NO_VERBS)
    # "Improved signs" and "Limited parking" name a thing as often as they tell of a deed; "Improved the signs" tells.
    past = past or (verb in _NO_VERBS and re.match(r"(?:the|our|how|all|every|this|these)\b", rest) is not None)
    if past or verb == "will":
        return f"We {verb} {rest}"
    if verb == "to":
        verb, _, rest = rest.partition(" ")
        return f"{_lead(state)} {verb} {rest}"
    if verb in _BASE and state != "done":
        return f"{_lead(state)} {verb} {rest}"
    if (
        verb.endswith("ing")
        and len(verb) > 5
        and state == "under_way"
        and verb not in ("during", "nothing", "evening", "morning")
    ):
        return f"We are {verb} {rest}"
    return sentence


def _lead(state: str) -> str:
    return {"planned": "We plan to", "under_way": "We are working to", "stopped": "We had planned to"}.get(
        state, "We set out to"
    )


# Easy read


def _easy(make: _Drafting, words: EasyWords) -> Iterator[Sentence]:
    found = list(_easy_told(make, words))
    explanations = dict(explained((one.text for one in found), words))
    listed = Source("standing", f"the list of explained words, version {words.version}")
    # A hard word is explained at the end of the part where it first stands.
    for heading, under in _by_heading(found):
        yield from under
        for term in [
            t for t in explanations if any(re.search(rf"\b{re.escape(t)}\b", one.text, re.I) for one in under)
        ]:
            yield Sentence(heading, f"**{term}** {explanations.pop(term)}", (listed,))


def _easy_told(make: _Drafting, words: EasyWords) -> Iterator[Sentence]:
    action = make.action
    yield Sentence("What this is about", f"This is about {make.service}.", (make.recorded("its service"),))
    for text in easy(action.you_said, words):
        yield Sentence("What you told us", text, make.heard())
    heading = _HEADINGS[action.state]
    for said in as_we(action.we_did, action.state):
        for text in easy(said, words):
            yield Sentence(heading, text, (make.recorded("what was or will be done"),))
    if when := _when(action):
        for text in when.replace("We have started, and plan", "We have started. We plan").split(". "):
            yield Sentence(heading, text if text.endswith(".") else f"{text}.", (make.recorded("its day and state"),))
    if action.outcome:
        came = "Why we stopped" if action.state == "stopped" else "What came of it"
        yield from (Sentence(came, t, (make.recorded("what came of it"),)) for t in easy(action.outcome, words))
    yield from (Sentence("What is different now", text, (make.figures(),)) for text in _easy_since(make))
    yield Sentence("Tell us more", "Please tell us what you think.", (_STANDING,))
    yield Sentence("Tell us more", "You can ask a member of staff to help you.", (_STANDING,))


def _easy_since(make: _Drafting) -> Iterator[str]:
    """The comparison without shares or intervals: how many in every 10, or in every 100 where tens would look the same."""
    row, comparison = make.comparison.says, make.comparison
    if make.action.state != "done":
        return
    if comparison.after is None:
        yield "It is too early to know."
        return
    if row is None:
        if comparison.rows[0].after.n is not None:
            yield "We do not know yet."
            yield "Not many people have told us what they think."
        return
    yield "We counted what people wrote."
    shares = [side.share or 0.0 for side in (row.before, row.after)]
    of = 10 if round(10 * shares[0]) != round(10 * shares[1]) or not row.beyond_chance else 100
    unhappy = "said this was not good" if make.action.theme or make.action.statement else "were unhappy"
    for when, share in zip(("Before", "Now"), shares, strict=True):
        n = round(of * share)
        yield f"{when}: {f'about {n}' if n else 'fewer than 1'} in every {of} comments {unhappy}."
    if row.beyond_chance:
        fewer = (row.difference or 0.0) < 0
        yield f"That is {'fewer' if fewer else 'more'} than before."
        yield "We do not know for sure why."
    else:
        yield "This may just be chance."


# What each sentence rests on


def traced(conn: sqlite3.Connection, taxonomy: Taxonomy, action: Action, form: Form, text: str, scope: Scope) -> Traced:
    """A text, drafted or changed by a person, sentence by sentence with what each rests on, and what is wrong with it."""
    made = draft(conn, taxonomy, action, form, scope)
    found = tuple(_trace(text, made))
    refusals, hints = [], []
    if not found:
        refusals.append("There are no words to release; write what people said and what was done.")
    if hidden := _PLACEHOLDER.search(text):
        refusals.append(f"The text has {hidden[0]} where something identifying was hidden; put it in other words.")
    if _LINK.search(text):
        refusals.append("The text has an address or HTML in it; write plain words, headings (##) and **bold** alone.")
    disclosure = Disclosure(conn, taxonomy)
    known = _numbers_known(made, action)
    for number, sentence in enumerate(found, start=1):
        refused, looked = _exposes(conn, disclosure, action, sentence, scope)
        refusals += [f"Sentence {number} {what}" for what in refused]
        hints += [f"Sentence {number} {what}" for what in looked]
        if sentence.changed and (extra := _numbers(sentence.text) - known):
            hints.append(f"Sentence {number} has {sorted(extra)[0]}, which neither the record nor the figures hold.")
        if form == "easy_read" and (hard := too_hard(sentence.text)):
            hints.append(f"Sentence {number} {hard}.")
    return Traced(found, tuple(refusals), tuple(hints))


def _trace(text: str, made: Draft) -> Iterator[Sentence]:
    from rapidfuzz.fuzz import token_sort_ratio

    drafted = {_bare(one.text): one for one in made.sentences}
    for heading, said in _read(text):
        same = drafted.get(_bare(said))
        if same:
            yield Sentence(heading, said, same.sources)
            continue
        likest = max(made.sentences, key=lambda one: token_sort_ratio(_bare(one.text), _bare(said)), default=None)
        if likest and token_sort_ratio(_bare(likest.text), _bare(said)) >= ALIKE:
            yield Sentence(
                heading, said, (Source("person", "changed from the draft by a person"), *likest.sources), changed=True
            )
        else:
            own = Source("person", "written by a person; nothing in the record or the figures says it")
            yield Sentence(heading, said, (own,), changed=True)


def _read(text: str) -> Iterator[tuple[str, str]]:
    """The sentences of a text, each with the heading it stands under; headings themselves are none."""
    heading = ""
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("#"):
            heading = "" if line.startswith("# ") else line.lstrip("# ")
        elif line:
            yield from ((heading, one) for one in sentences(line.lstrip("-* ") if line[:2] in ("- ", "* ") else line))


def _bare(text: str) -> str:
    return " ".join(_BOLD.sub(r"\1", text).split()).rstrip(".")


def _numbers(text: str) -> set[str]:
    return {number.rstrip(".,") for number in _NUMBER.findall(text)}


def _numbers_known(made: Draft, action: Action) -> set[str]:
    record = (action.you_said, action.we_did, action.outcome, action.date.isoformat())
    return set().union(*map(_numbers, [*(one.text for one in made.sentences), *record]))


def _exposes(
    conn: sqlite3.Connection, disclosure: Disclosure, action: Action, sentence: Sentence, scope: Scope
) -> tuple[list[str], list[str]]:
    """What of a sentence could tell who wrote a comment: what is refused, and what is to be looked at."""
    refused, looked = [], []
    kinds = {source.kind for source in sentence.sources}
    repeated = _repeated(conn, sentence.text)
    for stored in repeated:
        said = stored.analysed.comment
        services = [f.label for f in stored.analysed.of("service") if f.detail == "subject"]
        which = _named(conn, stored.citation, scope)
        risk = disclosure.judge(sentence.text, services, said.date)
        if risk.is_high:
            refused.append(
                f"repeats words of {which} that could tell who wrote them ({', '.join(risk.reasons)}); use other words."
            )
        else:
            looked.append(f"repeats words of {which}; use other words, unless its writer may be quoted.")
    if not repeated and kinds & {"comment", "person"}:
        risk = disclosure.judge(sentence.text, (action.service,), None)
        if risk.is_high:
            looked.append(f"tells something by which people may know who spoke ({', '.join(risk.reasons)}).")
    return refused, looked


def _repeated(conn: sqlite3.Connection, text: str) -> tuple[Stored, ...]:
    """The comments of which a text repeats REPEATED_WORDS words in a row."""
    mine = set(runs(text))
    numbers: set[int] = set()
    for run in mine:
        phrase = " ".join(re.sub(r'["\0]', " ", word) for word in run)
        if not re.search(r"\w", phrase):
            continue
        rows = conn.execute("SELECT rowid FROM comments_fts WHERE comments_fts MATCH ? LIMIT 5", (f'"{phrase}"',))
        numbers |= {number for (number,) in rows}
    # The index knows words by their stems; what counts is the words themselves.
    found = by_number(conn, sorted(numbers)[:20])
    return tuple(stored for stored in found if not mine.isdisjoint(runs(stored.analysed.comment.text)))


def _named(conn: sqlite3.Connection, citation: str, scope: Scope) -> str:
    try:
        return f"comment {comment(conn, citation, scope).citation}"
    except NotFound:
        return "a comment that you may not see"


# What is kept


def replies(conn: sqlite3.Connection, id: int) -> tuple[Kept, ...]:
    """Every reply that was released for an action, the latest first, withdrawn ones too."""
    return _kept(conn, "action = ? AND released_at IS NOT NULL ORDER BY id DESC", id)


def reply(conn: sqlite3.Connection, id: int, number: int) -> Kept:
    """One released reply of an action; raises NotFound."""
    found = _kept(conn, "action = ? AND id = ? AND released_at IS NOT NULL", id, number)
    if not found:
        raise NotFound(f"Action {id} has no reply {number}; its page lists those that were released.")
    return found[0]


def standing(conn: sqlite3.Connection, ids: Iterable[int]) -> tuple[Kept, ...]:
    """The replies to some actions that are released and stand, the latest first."""
    wanted = json.dumps(list(ids))
    return _kept(
        conn,
        "action IN (SELECT value FROM json_each(?)) AND released_at IS NOT NULL AND withdrawn_at IS NULL ORDER BY released_at DESC, id DESC",
        wanted,
    )


def draft_kept(conn: sqlite3.Connection, id: int, form: Form) -> Kept | None:
    """The words that somebody left for an action without releasing them."""
    found = _kept(conn, "action = ? AND form = ? AND released_at IS NULL", id, form)
    return found[0] if found else None


def sources(conn: sqlite3.Connection, number: int, scope: Scope) -> tuple[tuple[int, Source], ...]:
    """What the sentences of a released reply rested on when it was released: the sentence, from 1, and the source.

    Of comments those that are still there and in the scope.
    """
    rows = conn.execute(
        "SELECT sentence, kind, says, comment, clause, citation FROM reply_sources LEFT JOIN comments ON number = comment"
        " WHERE reply = ? ORDER BY sentence, place",
        (number,),
    ).fetchall()
    found = []
    for sentence, kind, says, of, clause, citation in rows:
        if of is None:
            found.append((sentence, Source(kind, says)))
        elif not _named(conn, citation, scope).startswith("a comment"):
            found.append((sentence, Source(kind, says, f"{citation}.{clause}" if clause else citation)))
    return tuple(found)


def keep(
    store: Store, taxonomy: Taxonomy, action: Action, form: Form, text: str, *, by: str, redact: Callable[[str], str]
) -> None:
    """Keep words without releasing them, redacted, in place of those kept before; an empty text takes these away."""
    _check_form(form)
    by, text = _signed(by), _redacted(text, redact)
    with store.writing():
        store.conn.execute(
            "DELETE FROM replies WHERE action = ? AND form = ? AND released_at IS NULL", (action.id, form)
        )
        if text:
            store.conn.execute(
                "INSERT INTO replies (action, form, text, written_by, written_at) VALUES (?, ?, ?, ?, ?)",
                (action.id, form, text, by, store.now()),
            )


def release(
    store: Store,
    taxonomy: Taxonomy,
    action: Action,
    form: Form,
    text: str,
    *,
    by: str,
    redact: Callable[[str], str],
    scope: Scope,
) -> int:
    """Release words to the public in a person's name; returns the reply's number. One that stood in this form is replaced.

    Raises BadInput with the first thing that stands in the way: identity in it, words that could tell who wrote them, none.
    """
    _check_form(form)
    by, text = _signed(by), _redacted(text, redact)
    checked = traced(store.conn, taxonomy, action, form, text, scope)
    if checked.refusals:
        raise BadInput(checked.refusals[0])
    with store.writing():
        left = draft_kept(store.conn, action.id or 0, form)
        written = (left.written_by, left.written_at) if left and left.text == text else (by, store.now())
        now = store.now()
        store.conn.execute(
            "DELETE FROM replies WHERE action = ? AND form = ? AND released_at IS NULL", (action.id, form)
        )
        store.conn.execute(
            "UPDATE replies SET withdrawn_by = ?, withdrawn_at = ?, reason = ? WHERE action = ? AND form = ? AND withdrawn_at IS NULL",
            (by, now, REPLACED, action.id, form),
        )
        cursor = store.conn.execute(
            "INSERT INTO replies (action, form, text, written_by, written_at, released_by, released_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (action.id, form, text, *written, by, now),
        )
        assert cursor.lastrowid is not None
        _keep_sources(store, cursor.lastrowid, checked.sentences)
    return cursor.lastrowid


def withdraw(
    store: Store,
    id: int,
    number: int,
    *,
    by: str,
    reason: str,
    redact: Callable[[str], str],
    remove_words: bool = False,
) -> tuple[int, ...]:
    """Withdraw a released reply and say why; with `remove_words` its text goes too, also of one withdrawn before.

    The easy-read version that stands goes with the reply it is made from; withdrawn by itself, it leaves that one standing. Returns the
    numbers of those withdrawn. Raises NotFound, and BadInput without a name and a reason or where there is nothing left to do.
    """
    by, reason = _signed(by), " ".join(reason.split())
    if not reason or len(reason) > 500:
        raise BadInput("Say in up to 500 characters why the reply is withdrawn.")
    reason = redact(reason)
    found = reply(store.conn, id, number)
    if found.withdrawn_at is not None and not (remove_words and found.text):
        raise BadInput(f"Reply {number} was withdrawn already.")
    both = found.stands and found.form == "standard"
    others = tuple(one.id for one in standing(store.conn, [id]) if both and one.form == "easy_read")
    with store.writing():
        for one in (number, *others):
            store.conn.execute(
                "UPDATE replies SET withdrawn_by = ?, withdrawn_at = ?, reason = ? WHERE id = ? AND withdrawn_at IS NULL",
                (by, store.now(), reason, one),
            )
            if remove_words:
                store.conn.execute("UPDATE replies SET text = '' WHERE id = ?", (one,))
    return (number, *others)


def _keep_sources(store: Store, number: int, found: Sequence[Sentence]) -> None:
    rows = []
    for n, sentence in enumerate(found, start=1):
        for place, source in enumerate(sentence.sources):
            of, clause = _comment_of(store.conn, source.citation) if source.citation else (None, 0)
            rows.append((number, n, place, source.kind, source.says, of, clause))
    store.conn.executemany(
        "INSERT INTO reply_sources (reply, sentence, place, kind, says, comment, clause) VALUES (?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def _comment_of(conn: sqlite3.Connection, citation: str) -> tuple[int, int]:
    whole, _, clause = citation.partition(".")
    (number,) = conn.execute("SELECT number FROM comments WHERE citation = ?", (whole,)).fetchone()
    return number, int(clause or 0)


def _kept(conn: sqlite3.Connection, where: str, *parameters: object) -> tuple[Kept, ...]:
    rows = conn.execute(
        "SELECT id, action, form, text, written_by, written_at, released_by, released_at, withdrawn_by, withdrawn_at, reason"
        f" FROM replies WHERE {where}",
        parameters,
    )
    return tuple(Kept(*row) for row in rows)


def _by_heading(found: Iterable[Sentence]) -> Iterator[tuple[str, list[Sentence]]]:
    groups: dict[str, list[Sentence]] = {}
    for one in found:
        groups.setdefault(one.heading, []).append(one)
    yield from groups.items()


def _redacted(text: str, redact: Callable[[str], str]) -> str:
    """The text line by line with identity hidden, so that headings stay what they are."""
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if len(text) > MOST:
        raise BadInput(f"A reply has up to {MOST:,} characters; this one has {len(text):,}.")
    return "\n".join(redact(line) if line.strip() else "" for line in text.split("\n"))


def _signed(by: str) -> str:
    by = " ".join(by.split())
    if not by or len(by) > 100:
        raise BadInput("A reply is signed: give a name of up to 100 characters.")
    return by


def _check_form(form: str) -> None:
    if form not in FORMS:
        raise BadInput(f"There is no form {form[:40]!r}: use {' or '.join(FORMS)}.")
