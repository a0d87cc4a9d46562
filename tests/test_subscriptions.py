"""Told once and nothing lost, by file and through a real mail server that may refuse, break off or be away."""

import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from email import message_from_bytes
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from conftest import MANNER, add_batch, analysed
from fastapi.testclient import TestClient
from over_time import month_of, planted, steady

from api.app import make_app
from feedback.errors import BadInput, NotFound
from feedback.filters import EVERYTHING, Filters, Scope
from feedback.over_time.changes import changes
from feedback.over_time.mail import mail_server
from feedback.over_time.subscriptions import (
    Outlook,
    Sent,
    digests,
    outlook,
    prepare,
    send,
    settle,
    subscribe,
    subscriptions,
    unsubscribe,
    write_files,
)
from feedback.over_time.views import changes_in, end_view, keep_view, views
from feedback.settings import Settings
from feedback.store import Store, open_store
from feedback.taxonomy import Taxonomy, load_taxonomy

ADDRESS = "http://feedback.example"
LEAD = "lead@example.nhs.uk"


class Box:
    """A mail box behind a real server: what it accepted, and what it is told to do instead of accepting."""

    def __init__(self) -> None:
        self.accepted: list[bytes] = []
        self.refuse: str | None = None

    async def handle_RCPT(self, server: SMTP, session: object, envelope: object, address: str, options: object) -> str:
        if self.refuse == "recipient":
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)  # type: ignore[attr-defined]
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: object, envelope: object) -> str:
        if self.refuse == "message":
            return "452 mailbox full"
        self.accepted.append(envelope.content)  # type: ignore[attr-defined]
        if self.refuse == "answer":  # it has the message, and the connection breaks before it can say so
            server.transport.abort()
        return "250 OK"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """A mail server on a free port of this machine, configured by the environment."""
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    _configure(monkeypatch, controller.port, "none")
    yield box
    controller.stop()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _configure(monkeypatch: pytest.MonkeyPatch, port: int, security: str) -> None:
    settings = {"HOST": "127.0.0.1", "PORT": str(port), "FROM": "feedback@example.nhs.uk", "SECURITY": security}
    for name, value in settings.items():
        monkeypatch.setenv(f"FEEDBACK_SMTP_{name}", value)


def calm_and_watched(store: Store) -> None:
    taxonomy = load_taxonomy()
    steady(store)
    made = keep_view(store, taxonomy, "Podiatry", Filters(service="podiatry"), EVERYTHING, by="A. Lead", redact=str)
    subscribe(store, made.id, "email", LEAD, EVERYTHING, by="A. Lead")
    subscribe(store, made.id, "file", "Podiatry lead", EVERYTHING, by="A. Lead")


@pytest.fixture
def watched(store_with: Callable[[Callable[[Store], object]], Store]) -> Store:
    """Eighteen steady months, and a lead who is told of podiatry by e-mail and by file."""
    return store_with(calm_and_watched)


def run(store: Store, taxonomy: Taxonomy) -> Sent:
    """What `feedback subscriptions send` does."""
    settings = Settings()
    prepare(store, taxonomy, "email", EVERYTHING, address=ADDRESS)
    with mail_server(settings) as opened:
        return send(store, opened, EVERYTHING, sender=settings.smtp_from or "")


def write(store: Store, taxonomy: Taxonomy, folder: Path) -> list[str]:
    """What `feedback digest --out` does."""
    prepare(store, taxonomy, "file", EVERYTHING, address=ADDRESS)
    return [path.read_text(encoding="utf-8") for path in write_files(store, folder, EVERYTHING)]


def test_nothing_is_told_while_nothing_changes(watched: Store, taxonomy: Taxonomy, server: Box, tmp_path: Path) -> None:
    add_batch(watched, "calm.csv", [*month_of(18, "podiatry", 4)])
    assert run(watched, taxonomy) == Sent(0, 0, 0, ())
    assert (server.accepted, write(watched, taxonomy, tmp_path)) == ([], [])


def test_a_change_is_told_once_by_mail_and_the_next_only_when_it_comes(
    watched: Store, taxonomy: Taxonomy, server: Box
) -> None:
    planted(watched)
    assert run(watched, taxonomy).sent == 1
    assert [run(watched, taxonomy).sent for _ in range(2)] == [0, 0]
    planted(watched, month=19)  # the same change goes on
    assert run(watched, taxonomy).sent == 0
    (content,) = server.accepted
    message = message_from_bytes(content)
    assert (message["To"], message["From"]) == (LEAD, "feedback@example.nhs.uk")
    assert re.fullmatch(r"Patient and carer feedback, Podiatry: \d changes?", " ".join(message["Subject"].split()))


def test_a_digest_has_the_sentence_and_the_link_and_no_comments_words(
    watched: Store, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    planted(watched)
    (text,) = write(watched, taxonomy, tmp_path)
    assert re.search(r"In July 2026, \d+% of 20 comments .*: a cause for concern\.", text)
    assert f"{ADDRESS}/services/podiatry" in text and f"{ADDRESS}/changes?service=podiatry" in text
    for word in ("barrier", "ticket", "physio", "waited weeks"):
        assert word not in text
    kept = watched.conn.execute("SELECT group_concat(body) FROM digests").fetchone()[0]
    assert "barrier" not in kept


def test_a_file_is_written_once_and_again_the_same_where_a_run_was_killed(
    watched: Store, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    planted(watched)
    folder = tmp_path / "digests"
    with pytest.raises(BadInput, match="no such folder"):
        write(watched, taxonomy, folder)
    folder.mkdir()
    (text,) = write(watched, taxonomy, folder)
    (path,) = folder.glob("*.txt")
    assert path.name.startswith("podiatry-podiatry-lead-")
    assert write(watched, taxonomy, folder) == []
    # Killed after the file was there and before that was noted: the same file is written again, and there is still one.
    with watched.writing():
        watched.conn.execute("UPDATE digests SET state = 'ready'")
    assert write(watched, taxonomy, folder) == [text]
    assert list(folder.glob("*")) == [path]


@pytest.mark.parametrize("refused", ["recipient", "message"])
def test_what_a_server_refuses_waits_and_is_sent_when_it_takes_it(
    watched: Store, taxonomy: Taxonomy, server: Box, refused: str
) -> None:
    planted(watched)
    server.refuse = refused
    done = run(watched, taxonomy)
    assert (done.sent, done.waiting, done.in_doubt) == (0, 1, 0)
    assert "waits: the mail server refused" in done.said[0]
    assert server.accepted == []
    server.refuse = None
    assert run(watched, taxonomy).sent == 1
    assert len(server.accepted) == 1


def test_a_connection_that_breaks_before_the_answer_leaves_it_in_doubt_and_never_sends_twice(
    watched: Store, taxonomy: Taxonomy, server: Box
) -> None:
    planted(watched)
    server.refuse = "answer"
    done = run(watched, taxonomy)
    assert (done.sent, done.in_doubt) == (0, 1) and "in doubt" in done.said[0]
    server.refuse = None
    assert run(watched, taxonomy) == Sent(0, 0, 1, ())
    assert len(server.accepted) == 1
    (doubtful,) = digests(watched.conn, EVERYTHING, state="sending")
    settle(watched, doubtful.id, EVERYTHING, arrived=False)
    assert run(watched, taxonomy).sent == 1
    first, again = (message_from_bytes(content)["Message-ID"] for content in server.accepted)
    assert first == again  # by which the reader's program knows it
    with pytest.raises(NotFound, match="in doubt"):
        settle(watched, doubtful.id, EVERYTHING, arrived=True)


def test_a_server_that_is_away_is_one_sentence_and_nothing_is_lost(
    watched: Store, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch, box: Box
) -> None:
    planted(watched)
    _configure(monkeypatch, 9, "none")
    with pytest.raises(BadInput, match=r"cannot be used .*nothing was sent and nothing is lost"):
        run(watched, taxonomy)
    controller = Controller(box, hostname="127.0.0.1", port=_free_port())
    controller.start()
    try:
        _configure(monkeypatch, controller.port, "none")
        assert run(watched, taxonomy).sent == 1
    finally:
        controller.stop()


def test_nothing_goes_in_the_clear_to_another_machine_nor_without_a_server(
    watched: Store, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch
) -> None:
    _configure(monkeypatch, 25, "none")
    monkeypatch.setenv("FEEDBACK_SMTP_HOST", "mail.example.nhs.uk")
    with pytest.raises(BadInput, match="not sent in the clear"):
        run(watched, taxonomy)
    monkeypatch.delenv("FEEDBACK_SMTP_HOST")
    with pytest.raises(BadInput, match="No mail server is configured"):
        run(watched, taxonomy)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="a certificate is made with openssl")
def test_mail_goes_through_starttls_and_only_to_a_certificate_that_is_trusted(
    watched: Store, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch, box: Box, tmp_path: Path
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    make += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(make, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    planted(watched)
    controller = Controller(box, hostname="127.0.0.1", port=_free_port(), tls_context=context, require_starttls=True)
    controller.start()
    try:
        _configure(monkeypatch, controller.port, "starttls")
        with pytest.raises(BadInput, match="cannot be used"):
            run(watched, taxonomy)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert run(watched, taxonomy).sent == 1
    finally:
        controller.stop()


KILLED = """
import os, sys
from pathlib import Path
import feedback.over_time.subscriptions as told
from feedback.cli import main

step, moves = int(sys.argv[2]), iter(range(100))
real = told._move
def dying(*arguments):
    if next(moves) == step:
        os._exit(9)
    return real(*arguments)
told._move = dying
main(["subscriptions", "send", "--db", sys.argv[1]])
"""


@pytest.mark.parametrize(("step", "arrived", "doubt"), [(0, 0, 0), (1, 1, 1)])
def test_a_run_that_is_killed_sends_nothing_twice(
    watched: Store, taxonomy: Taxonomy, server: Box, tmp_path: Path, step: int, arrived: int, doubt: int
) -> None:
    """Killed before the message leaves it is sent by the next run; killed after the server has it, it is in doubt, not sent again."""
    planted(watched)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(watched.path), str(step)], env=dict(os.environ), check=False
    )
    assert killed.returncode == 9
    assert len(server.accepted) == arrived
    done = run(watched, taxonomy)
    assert (len(server.accepted), done.in_doubt) == (1, doubt)


def test_who_is_told_twice_is_refused_and_who_is_told_no_more_is_forgotten(watched: Store, taxonomy: Taxonomy) -> None:
    one, other = subscriptions(watched.conn, EVERYTHING)
    with pytest.raises(BadInput, match="already"):
        subscribe(watched, one.view.id, "email", LEAD.upper(), EVERYTHING, by="A. Lead")
    for wrong in ("lead", "lead@", "a@b c.uk", "a@b.uk\nBcc: x@y.uk", ""):
        with pytest.raises(BadInput, match="no e-mail address"):
            subscribe(watched, one.view.id, "email", wrong, EVERYTHING, by="A. Lead")
    planted(watched)
    prepare(watched, taxonomy, "email", EVERYTHING, address=ADDRESS)
    unsubscribe(watched, one.id, EVERYTHING, by="A. Lead")
    assert digests(watched.conn, EVERYTHING, state="ready") == ()
    assert LEAD not in "\n".join(watched.conn.iterdump())
    end_view(watched, other.view.id, EVERYTHING, by="A. Lead")
    assert subscriptions(watched.conn, EVERYTHING) == ()


def test_a_reader_sees_and_ends_only_what_is_theirs(watched: Store, taxonomy: Taxonomy) -> None:
    other = Scope.of(taxonomy, ["ward-willow"])
    (one, _) = subscriptions(watched.conn, EVERYTHING)
    assert subscriptions(watched.conn, other) == ()
    with pytest.raises(NotFound):
        unsubscribe(watched, one.id, other, by="B. Lead")
    with pytest.raises(NotFound):
        subscribe(watched, one.view.id, "file", "B. Lead", other, by="B. Lead")


def test_erasing_every_comment_leaves_no_word_of_theirs_in_what_was_told(
    watched: Store, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    planted(watched)
    write(watched, taxonomy, tmp_path)
    with watched.writing():
        watched.conn.execute("DELETE FROM comments")
    with open_store(watched.path) as again:
        assert "barrier" not in "\n".join(again.conn.iterdump()).lower()


def told_of(text: str) -> set[str]:
    """The headings of the numbered changes of a digest."""
    return {line.split(". ", 1)[1] for line in text.splitlines() if re.match(r"\d+\. ", line)}


def test_a_digest_tells_just_what_is_found_to_be_changing(watched: Store, taxonomy: Taxonomy, tmp_path: Path) -> None:
    planted(watched)
    (first,) = write(watched, taxonomy, tmp_path)
    shown = changes(watched.conn, taxonomy, Filters(service="podiatry"), EVERYTHING, may_read=True)
    assert told_of(first) == {f"{c.signal.title}: {c.signal.measure.lower()}" for c in shown.clear}
    assert "New with upload 2." in first
    # An upload of the past brings nothing to it; whoever asks only then is told of what `changes` lists as there before.
    late = analysed("late", [("Very kind.", "+", (MANNER,))], day=date(2025, 2, 3), service="podiatry")
    add_batch(watched, "late.csv", [late])
    (one,) = views(watched.conn, EVERYTHING)
    subscribe(watched, one.id, "file", "B. Deputy", EVERYTHING, by="A. Lead")
    (second,) = write(watched, taxonomy, tmp_path)
    later = changes(watched.conn, taxonomy, Filters(service="podiatry"), EVERYTHING)
    assert told_of(second) == {f"{c.signal.title}: {c.signal.measure.lower()}" for c in later.clear}
    assert later.standing and "Was there before upload 3, which brought nothing to it." in second


def test_what_waits_is_said_with_when_and_why_not_yet(
    watched: Store, taxonomy: Taxonomy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def ahead(way: str) -> Outlook:
        one = next(one for one in subscriptions(watched.conn, EVERYTHING) if one.way == way)
        return outlook(watched.conn, taxonomy, one, changes_in(watched.conn, taxonomy, one.view), Settings())

    assert ahead("file").says.startswith("Nothing waits: no change stands clear of chance")
    planted(watched)
    by_file, by_mail = ahead("file"), ahead("email")
    assert by_file.to_tell and "not told yet: " in by_file.says
    assert by_file.says.endswith(
        "It is written with the next `feedback digest --out FOLDER`; nothing goes out by itself."
    )
    assert "It cannot go out yet: no mail server is configured" in by_mail.says
    with pytest.raises(BadInput, match="No mail server"):
        run(watched, taxonomy)
    held = ahead("email")
    assert (held.to_tell, len(held.waiting)) == ((), 1) and "1 digest is written and not sent" in held.says
    _configure(monkeypatch, 2525, "none")
    assert "It goes out when somebody runs `feedback subscriptions send`" in ahead("email").says
    write(watched, taxonomy, tmp_path)
    assert "and they were told of" in ahead("file").says
    with TestClient(make_app(watched.path)) as client:
        one = next(one for one in subscriptions(watched.conn, EVERYTHING) if one.way == "file")
        assert client.get(f"/api/v1/subscriptions/{one.id}/outlook").json()["says"] == ahead("file").says
        assert "and they were told of" in client.get("/subscriptions").text
