"""Tell people once of each new special cause on a view, by a file in a folder or by e-mail, without any comment's words.

Told once, and nothing lost: a digest is written down with the signals it tells in one transaction ("ready"), and is "sent" only
after the file lies in its folder or the mail server has accepted it. A mail is marked "sending" just before its text leaves, so
a run that is killed in that moment leaves a digest in doubt: it is never sent again by itself, and a person says what became of it.
A signal is known again by its series, its direction and its run: it is the same while a period told of lies within the run.
"""

import os
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate
from pathlib import Path
from typing import Literal, Protocol
from urllib.parse import urlencode
from uuid import uuid4

from feedback.errors import BadInput, FeedbackError, NotFound
from feedback.filters import Scope, describe, parameters
from feedback.over_time.changes import Change, Changes, aside, since_upload
from feedback.over_time.signals import Signal
from feedback.over_time.views import View, changes_in, view, views
from feedback.sampling import signed
from feedback.settings import Settings
from feedback.store import Store
from feedback.strategies.mapped import answered_under
from feedback.taxonomy import Taxonomy

Way = Literal["file", "email"]
State = Literal["ready", "sending", "sent", "dropped"]

MAX_TO = 120  # characters
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)*[A-Za-z0-9-]{2,63}")
NOT_WATCHED = "Nobody is told of single comments here: what cannot wait is in the safety queue. Some signals are chance; look at the chart first."


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told of a view, and how: an e-mail address, or the name of whoever fetches the file. Counts are of digests."""

    id: int
    view: View
    way: Way
    to: str
    by: str
    at: str
    sent: int
    ready: int
    in_doubt: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a subscription waits for: titles of changes not told yet, subjects of digests not sent, and `says`: what, when, why not yet."""

    subscription: int
    to_tell: tuple[str, ...]
    waiting: tuple[str, ...]
    says: str


@dataclass(frozen=True, slots=True)
class Digest:
    """What somebody is told of a view at one time; `moved_at` is when its state last changed."""

    id: int
    subscription: int
    view: str
    way: Way
    to: str
    made_at: str
    subject: str
    body: str
    message_id: str
    state: State
    moved_at: str


class Sender(Protocol):
    """A mail server that a message is given to: `offer` names sender and recipient, `give` hands the message over.

    Both raise Refused where the server certainly did not take the message; what else is raised by `give` leaves it in doubt.
    """

    def offer(self, to: str) -> None:
        """Name the recipient; nothing has left yet."""

    def give(self, message: EmailMessage) -> None:
        """Hand the message over; it has been accepted when this returns."""


class Refused(FeedbackError):
    """A mail server that certainly did not accept a message."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a run came to: digests accepted, those that wait to be tried again, those in doubt, and what servers said."""

    sent: int
    waiting: int
    in_doubt: int
    said: tuple[str, ...]


# Who is told


def subscribe(store: Store, view_id: int, way: Way, to: str, scope: Scope, *, by: str) -> Subscription:
    """Tell somebody of a view from now on. Raises NotFound for the view, BadInput for an address that is none."""
    by, to = signed(by, "A subscription"), to.strip()
    if way == "email" and not _ADDRESS.fullmatch(to):
        raise BadInput("That is no e-mail address that can be written to; give one such as lead@example.nhs.uk.")
    if not to or len(to) > MAX_TO or not to.isprintable():
        raise BadInput(f"Say in 1 to {MAX_TO} characters whom the file is for.")
    found = view(store.conn, view_id, scope)
    with store.writing():
        taken = 'SELECT 1 FROM subscriptions WHERE view = ? AND way = ? AND lower("to") = lower(?) AND ended_by IS NULL'
        if store.conn.execute(taken, (found.id, way, to)).fetchone():
            raise BadInput("They are told of this view already.")
        sql = 'INSERT INTO subscriptions (view, way, "to", "by", at) VALUES (?, ?, ?, ?, ?)'
        id = store.conn.execute(sql, (found.id, way, to, by, store.now())).lastrowid
    return next(one for one in subscriptions(store.conn, scope) if one.id == id)


def unsubscribe(store: Store, id: int, scope: Scope, *, by: str) -> None:
    """Tell them no more; the address is forgotten, and what waits for it is dropped. Raises NotFound."""
    by = signed(by, "Ending a subscription")
    _one(store.conn, id, scope)
    with store.writing():
        store.conn.execute(
            "UPDATE subscriptions SET ended_by = ?, ended_at = ?, \"to\" = '' WHERE id = ? AND ended_by IS NULL",
            (by, store.now(), id),
        )
        store.conn.execute(
            "UPDATE digests SET state = 'dropped', moved_at = ? WHERE subscription = ? AND state IN ('ready', 'sending')",
            (store.now(), id),
        )


def subscriptions(conn: sqlite3.Connection, scope: Scope) -> tuple[Subscription, ...]:
    """Who is told of the views that this reader may see."""
    seen = {one.id: one for one in views(conn, scope)}
    counts = ", ".join(
        f"(SELECT count(*) FROM digests WHERE subscription = s.id AND state = '{s}')"
        for s in ("sent", "ready", "sending")
    )
    rows = conn.execute(
        f'SELECT s.id, s.view, way, "to", s."by", s.at, {counts} FROM subscriptions s WHERE ended_by IS NULL ORDER BY s.id'
    )
    return tuple(Subscription(id, seen[view_id], *rest) for id, view_id, *rest in rows if view_id in seen)


def _one(conn: sqlite3.Connection, id: int, scope: Scope) -> Subscription:
    for one in subscriptions(conn, scope):
        if one.id == id:
            return one
    raise NotFound(f"There is no subscription {id} that you may see; `feedback subscriptions` lists them.")


# What they are told


def prepare(store: Store, taxonomy: Taxonomy, way: Way, scope: Scope, *, address: str) -> int:
    """Write down, for everybody who is told this way, what they have not been told; returns how many digests that made.

    `address` is where the pages are served, for the links.
    """
    made = 0
    shown: dict[int, Changes] = {}
    for one in subscriptions(store.conn, scope):
        if one.way != way:
            continue
        if one.view.id not in shown:
            shown[one.view.id] = changes_in(store.conn, taxonomy, one.view)
        with store.writing():
            made += _write_down(store, taxonomy, one, shown[one.view.id], address)
    return made


def outlook(
    conn: sqlite3.Connection, taxonomy: Taxonomy, one: Subscription, found: Changes, settings: Settings
) -> Outlook:
    """Say what somebody will be told next, of what `found` in their view, when, and why not yet."""
    new = [change for change in found.clear if _told_before(conn, one.id, change) is None]
    waiting = [digest.subject for digest in _digests_of(conn, one, "ready")]
    titles = tuple(f"{change.signal.title}: {change.signal.measure.lower()}{aside(change.signal)}" for change in new)
    return Outlook(one.id, titles, tuple(waiting), _outlook_in_words(one, found, titles, len(waiting), settings))


def _outlook_in_words(one: Subscription, found: Changes, new: Sequence[str], waiting: int, settings: Settings) -> str:
    said = []
    if new:
        n = len(new)
        said.append(f"{n} {'change' if n == 1 else 'changes'} not told yet: {'; '.join(new)}.")
    if waiting:
        digests = "1 digest is" if waiting == 1 else f"{waiting} digests are"
        why = (
            "no mail server was configured or it did not accept"
            if one.way == "email"
            else "the folder could not be written for"
        )
        said.append(f"{digests} written and not sent: {why} {'it' if waiting == 1 else 'them'} at the last run.")
    if one.in_doubt:
        said.append(f"{one.in_doubt} in doubt: nothing is sent again until somebody says whether it arrived.")
    if not new and not waiting:
        n = len(found.clear)
        told = f"they were told of {'it' if n == 1 else 'each'}" if n else "so there is nothing to tell"
        stand = "1 change stands" if n == 1 else f"{n} changes stand"
        said.append(
            f"Nothing waits: {stand} clear of chance in this view with upload {found.batch}, and {told}."
            if n
            else f"Nothing waits: no change stands clear of chance in this view, {told}."
        )
        return " ".join(said)
    if one.way == "file":
        said.append("It is written with the next `feedback digest --out FOLDER`; nothing goes out by itself.")
    elif not (settings.smtp_host and settings.smtp_from):
        said.append("It cannot go out yet: no mail server is configured (FEEDBACK_SMTP_HOST and FEEDBACK_SMTP_FROM).")
    else:
        said.append(
            "It goes out when somebody runs `feedback subscriptions send` or presses the button on the page; nothing goes out by itself."
        )
    return " ".join(said)


def _told_before(conn: sqlite3.Connection, subscription: int, change: Change) -> int | None:
    """The digest in which a change, or one that says the same, was told; None where it is new to them."""
    told = (_told_in(conn, subscription, signal) for signal in (change.signal, *change.also))
    return next((digest for digest in told if digest is not None), None)


def _write_down(store: Store, taxonomy: Taxonomy, one: Subscription, found: Changes, address: str) -> bool:
    """Keep a digest of what is new to a subscription, if anything is, within `writing`."""
    new: list[Change] = []
    for change in found.clear:
        before = _told_before(store.conn, one.id, change)
        if before is None:
            new.append(change)
        else:  # the same change, seen in further series or periods
            _tell(store, one.id, (change.signal, *change.also), before)
    if not new:
        return False
    subject, body = written(taxonomy, one.view, found, new, address, store.now())
    cursor = store.conn.execute(
        "INSERT INTO digests (subscription, made_at, subject, body, message_id, state, moved_at) VALUES (?, ?, ?, ?, ?, 'ready', ?)",
        (one.id, store.now(), subject, body, f"<{uuid4().hex}@feedback.invalid>", store.now()),
    )
    for change in new:
        _tell(store, one.id, (change.signal, *change.also), cursor.lastrowid or 0)
    return True


def _told_in(conn: sqlite3.Connection, subscription: int, signal: Signal) -> int | None:
    """The digest in which this run of the series was told, if it was."""
    row = conn.execute(
        "SELECT digest FROM told WHERE subscription = ? AND series = ? AND side = ? AND upto >= ? ORDER BY upto DESC LIMIT 1",
        (subscription, _key(conn, signal), signal.side, signal.began.isoformat()),
    ).fetchone()
    return row[0] if row else None


def _key(conn: sqlite3.Connection, signal: Signal) -> str:
    """How a series is remembered: an objective of another strategy is not the one of the same id that was told of."""
    return signal.of.kept_key(answered_under(conn))


def _tell(store: Store, subscription: int, signals: Iterable[Signal], digest: int) -> None:
    for signal in signals:
        key = (subscription, _key(store.conn, signal), signal.side)
        began, upto = signal.began.isoformat(), signal.period.isoformat()
        moved = store.conn.execute(
            "UPDATE told SET upto = max(upto, ?) WHERE subscription = ? AND series = ? AND side = ? AND upto >= ?",
            (upto, *key, began),
        )
        if not moved.rowcount:
            store.conn.execute("INSERT INTO told VALUES (?, ?, ?, ?, ?, ?)", (*key, began, upto, digest))


def written(
    taxonomy: Taxonomy, one: View, found: Changes, changes: Sequence[Change], address: str, now: str
) -> tuple[str, str]:
    """The subject and the text of a digest: counts, sentences and links, and no comment's words."""
    count = f"{len(changes)} change{'' if len(changes) == 1 else 's'}"
    lines = [
        f"What has changed in the view “{one.name}” ({describe(taxonomy, one.filters)}), as of {now[:10]}.",
        "",
    ]
    for number, change in enumerate(changes, start=1):
        signal = change.signal
        lines += [f"{number}. {signal.title}: {signal.measure.lower()}", f"   {signal.said}"]
        lines.append(f"   {since_upload(found, signal)}. {signal.chance}")
        if change.also:
            also = dict.fromkeys(f"{other.title} ({other.measure.lower()}{aside(other)})" for other in change.also)
            lines.append(f"   Also seen in: {'; '.join(also)}.")
        if signal.of.service:
            lines.append(f"   {address}/services/{signal.of.service}")
        lines.append("")
    asked = urlencode(parameters(one.filters) | ({"measure": one.measure} if one.measure else {}))
    lines += [
        f"The words behind it, for those who may read them: {address}/changes{'?' if asked else ''}{asked}",
        "",
        NOT_WATCHED,
        "",
    ]
    return f"Patient and carer feedback, {one.name}: {count}", "\n".join(lines)


# How it reaches them


def digests(
    conn: sqlite3.Connection, scope: Scope, *, state: State | None = None, way: Way | None = None, limit: int = 500
) -> tuple[Digest, ...]:
    """The digests of subscriptions that this reader may see, the oldest first."""
    mine = {one.id: one for one in subscriptions(conn, scope)}
    rows = conn.execute(
        "SELECT id, subscription, made_at, subject, body, message_id, state, moved_at FROM digests"
        " WHERE (:state IS NULL OR state = :state) ORDER BY id",
        {"state": state},
    )
    found = []
    for id, subscription, *rest in rows:
        one = mine.get(subscription)
        if one and way in (None, one.way):
            found.append(Digest(id, subscription, one.view.name, one.way, one.to, *rest))
    return tuple(found[-limit:] if state is None else found[:limit])


def _digests_of(conn: sqlite3.Connection, one: Subscription, state: State) -> list[Digest]:
    found = digests(conn, one.view.scope, state=state, way=one.way)
    return [digest for digest in found if digest.subscription == one.id]


def write_files(store: Store, folder: Path, scope: Scope) -> tuple[Path, ...]:
    """Put every digest that waits as a file into a folder. A file is whole or not there; one written twice is the same file."""
    if not folder.is_dir():
        raise BadInput(f"{folder}: there is no such folder; make it, or name another with --out.")
    paths = []
    for one in digests(store.conn, scope, state="ready", way="file"):
        name = re.sub(r"[^A-Za-z0-9]+", "-", f"{one.view} {one.to}").strip("-").lower()[:80]
        path = folder / f"{name}-{one.id:06}.txt"
        part = path.with_suffix(".part")
        try:
            with part.open("w", encoding="utf-8") as file:
                file.write(f"{one.subject}\n\n{one.body}")
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            raise BadInput(f"{folder} cannot be written ({error.strerror}); nothing is lost, run it again.") from error
        _move(store, one.id, "ready", "sent")
        paths.append(path)
    return tuple(paths)


def send(store: Store, server: Sender, scope: Scope, *, sender: str) -> Sent:
    """Give every e-mail that waits to the server; what it refuses waits on, what is not known to be accepted is in doubt."""
    said: list[str] = []
    sent = 0
    for one in digests(store.conn, scope, state="ready", way="email"):
        try:
            server.offer(one.to)
        except Refused as refused:
            said.append(f"Digest {one.id} waits: {refused}")
            continue
        if not _move(store, one.id, "ready", "sending"):
            continue  # another run has taken it
        try:
            server.give(message_of(one, sender))
        except Refused as refused:
            _move(store, one.id, "sending", "ready")
            said.append(f"Digest {one.id} waits: {refused}")
            continue
        except OSError:
            said.append(
                f"Digest {one.id} is in doubt: the connection broke while it was sent. It is not sent again by itself; look whether it "
                f"arrived and say so with `feedback subscriptions settle {one.id}`."
            )
            break
        _move(store, one.id, "sending", "sent")
        sent += 1
    left = digests(store.conn, scope, way="email", state="ready")
    return Sent(sent, len(left), len(digests(store.conn, scope, way="email", state="sending")), tuple(said))


def settle(store: Store, id: int, scope: Scope, *, arrived: bool) -> None:
    """Say of a digest in doubt that it arrived, or let it be sent again. Raises NotFound for one that is not in doubt."""
    if id not in {one.id for one in digests(store.conn, scope, state="sending")}:
        raise NotFound(f"There is no digest {id} in doubt; `feedback subscriptions` says which are.")
    _move(store, id, "sending", "sent" if arrived else "ready")


def message_of(one: Digest, sender: str) -> EmailMessage:
    """The digest as an e-mail; sent again, it has the same number, by which mail programs know it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, one.to, one.subject
    message["Date"], message["Message-ID"] = formatdate(), one.message_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(one.body)
    return message


def _move(store: Store, id: int, of: State, to: State) -> bool:
    """Change a digest's state, if it is still the one it was."""
    with store.writing():
        sql = "UPDATE digests SET state = ?, moved_at = ? WHERE id = ? AND state = ?"
        return store.conn.execute(sql, (to, store.now(), id, of)).rowcount == 1
