"""Take uploads in, read them one after another behind the requests, and tell how far each has come.

An upload has an id from the moment it arrives, a batch only once its columns are understood. The file holds words that may
identify people, so it lies in a folder that only this account can open and is deleted as soon as it has been read; the
database keeps what a batch came to, and the list here lasts as long as the process. A run broken off by a stop of the
server goes on when the same file is uploaded again; what a killed one left is deleted when the next one starts. A file that a
person wants to look at first waits there too, until it is confirmed, put away, or half an hour has gone by.
"""

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath
from secrets import token_hex
from threading import Lock, Timer
from typing import TYPE_CHECKING, BinaryIO, Literal

from feedback.errors import FeedbackError, NotFound
from feedback.store import PROGRAM, Store, open_store
from feedback.stored import Batch

if TYPE_CHECKING:
    from feedback.batches.intake import FileReport
    from feedback.pipeline import Pipeline

UploadState = Literal["queued", "running", "finished", "failed", "rolled_back", "interrupted"]

LOOK_SECONDS = 30 * 60  # how long a file waits for a person who looks at it: a meeting, not a night

_LOG = logging.getLogger(__name__)
_STOPPED = "The upload was taken back while it was read."
_COPY_BYTES = 1 << 20
_PREFIX = "feedback-uploads-"
_UNEXPECTED = "The file could not be read to its end because of a fault here; the server's messages say where."


class _Broken(Exception):
    """The upload was taken back, or the server stops."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a person wants a file to be read, as `intake.analyse_file` takes it; None decides by evidence.

    `remembered`: with the order of day and month that was chosen for files with the same headings, where the file proves none.
    """

    mapping: dict[str, str | Sequence[str]] | None = None
    sheet: str | None = None
    day_first: bool | None = None
    remembered: bool = False


@dataclass(frozen=True, slots=True)
class Arrival:
    """An upload and its batch as one, as they stand at this moment; either may be missing.

    `id` is what it was asked for by. `rows` of `of` have been read, where it is read here, `per_second` of them in a second,
    so that it takes `seconds_left` more; both None until that can be told. `problem` says why it failed.
    `interrupted`: its batch is unfinished and not being read here, but may be by the command line.
    """

    id: str
    upload: str | None
    batch: Batch | None
    file: str
    state: UploadState
    received_at: str
    rows: int | None = None
    of: int | None = None
    problem: str | None = None
    per_second: float | None = None
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """A file that waits while a person looks at what it would come to: `report`, read by `wishes`; `first`: nobody has changed those yet."""

    id: str
    file: str
    wishes: Wishes
    report: "FileReport"
    first: bool = True


@dataclass(slots=True)
class Upload:
    """One file on its way in. `rows` of `of` are done; `batch` is known once it is finished; `problem` says why it failed."""

    id: str
    file: str
    sha256: str
    received_at: str
    wishes: Wishes
    path: Path = field(repr=False)
    state: UploadState = "queued"
    rows: int = 0
    of: int | None = None
    batch: int | None = None
    problem: str | None = None
    began: tuple[float, int] | None = None
    taken_back: tuple[str, str] = ("", "")  # by whom and why, once it is

    def move(self, rows: int, of: int | None) -> None:
        """Note how far it is. The time counts from the first note: what a broken run had done is passed over in no time."""
        self.rows, self.of = rows, of
        self.began = self.began or (time.monotonic(), rows)

    @property
    def per_second(self) -> float | None:
        """Rows a second; None until two moments can be compared."""
        if self.began is None or self.rows == self.began[1]:
            return None
        return (self.rows - self.began[1]) / max(0.001, time.monotonic() - self.began[0])

    @property
    def is_active(self) -> bool:
        """Whether it waits or is being read."""
        return self.state in ("queued", "running")


class Uploads:
    """The queue of one application; a context that ends the reading when the application stops.

    What is received here is an Upload, which only the queue changes; what is told of it is an Arrival.
    """

    def __init__(self, db: Path, pipeline: "Future[Pipeline]", after: Callable[[], None] = lambda: None) -> None:
        """`after` is done when an upload has been stored, in the thread that read it; what it raises harms no upload."""
        self._db = db
        self._after = after
        self._pipeline = pipeline
        self._all: dict[str, Upload] = {}
        self._looks: dict[str, tuple[Upload, Look, Timer]] = {}
        self._moving = Lock()
        self._stopping = False

    def __enter__(self) -> "Uploads":
        _remove_leftovers()
        self.folder, self._held = _own_folder()
        self._worker = ThreadPoolExecutor(1, "uploads")
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping = True
        for id in list(self._looks):
            self.put_away(id)
        self._worker.shutdown(cancel_futures=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._held)

    def receive(self, file: BinaryIO, name: str, wishes: Wishes) -> Arrival:
        """Keep a file and put it in the queue."""
        upload = self._keep(file, name, wishes)
        self._all[upload.id] = upload
        self._worker.submit(self._read, upload)
        return _together(upload, None)

    def rehearse(self, file: BinaryIO, name: str, wishes: Wishes) -> "FileReport":
        """Say what a file would come to, and store nothing. Raises BadFile, BadInput."""
        upload = self._keep(file, name, wishes)
        try:
            return self._analyse(upload, dry_run=True)
        finally:
            shutil.rmtree(upload.path.parent)

    def look(self, file: BinaryIO, name: str, wishes: Wishes) -> Look:
        """Keep a file while a person looks at what it would come to. Raises BadFile, BadInput; then nothing is kept."""
        upload = self._keep(file, name, wishes)
        try:
            return self._show(upload, self._analyse(upload, dry_run=True))
        except BaseException:
            shutil.rmtree(upload.path.parent, ignore_errors=True)
            raise

    def looked_at(self, id: str) -> Look:
        """The file that waits under this id, as it was last looked at. Raises NotFound."""
        return self._waiting(id)[1]

    def look_again(self, id: str, wishes: Wishes) -> Look:
        """What the file would come to if it were read otherwise. Raises NotFound, BadFile, BadInput; it waits on."""
        upload, _, _ = self._waiting(id)
        before, upload.wishes = upload.wishes, wishes
        try:
            report = self._analyse(upload, dry_run=True)
        except FeedbackError:
            upload.wishes = before
            raise
        self._waiting(id)[2].cancel()
        return self._show(upload, report, first=False)

    def confirm(self, id: str, wishes: Wishes) -> Arrival:
        """Put a file that was looked at into the queue, to be read so. Raises NotFound."""
        with self._moving:
            upload, _, timer = self._waiting(id)
            del self._looks[id]
        timer.cancel()
        upload.wishes, upload.rows, upload.of, upload.began = wishes, 0, None, None
        self._all[upload.id] = upload
        self._worker.submit(self._read, upload)
        return _together(upload, None)

    def put_away(self, id: str) -> None:
        """Delete a file that was looked at, and store nothing; nothing happens where it has gone already."""
        with self._moving:
            found = self._looks.pop(id, None)
        if found:
            found[2].cancel()
            shutil.rmtree(found[0].path.parent, ignore_errors=True)

    def _show(self, upload: Upload, report: "FileReport", *, first: bool = True) -> Look:
        look = Look(upload.id, upload.file, upload.wishes, report, first)
        timer = Timer(LOOK_SECONDS, self.put_away, (upload.id,))
        timer.daemon = True
        timer.start()
        self._looks[upload.id] = (upload, look, timer)
        return look

    def _waiting(self, id: str) -> tuple[Upload, Look, Timer]:
        if id not in self._looks:
            raise NotFound(
                f"No file waits here to be looked at any more: it is deleted after {LOOK_SECONDS // 60} minutes. Upload it again."
            )
        return self._looks[id]

    @property
    def _known(self) -> tuple[Upload, ...]:
        """All uploads in the order they came, as they are now: another may arrive while these are gone through."""
        return tuple(self._all.values())

    @property
    def length(self) -> int:
        """How many uploads wait or are being read."""
        return sum(upload.is_active for upload in self._known)

    def waiting(self, store: Store) -> tuple[Arrival, ...]:
        """What has no finished batch, in the order it came: what is in the queue, being read, or has failed."""
        waits = [upload for upload in self._known if upload.is_active or upload.state == "failed"]
        return tuple(self._seen(upload, store) for upload in waits)

    def arrival(self, id: str, store: Store) -> Arrival:
        """The upload with this id, or the batch with this number. Raises NotFound."""
        if id in self._all:
            return self._seen(self._all[id], store)
        if not id.isdecimal() or len(id) > 18:
            raise NotFound(
                f"There is no upload {id[:40]!r}. Ids of uploads last until the server stops: upload the file again, and "
                "it goes on where it was; what was stored is in the list of batches."
            )
        return self.of_batch(store.batch(int(id)))

    def of_batch(self, batch: Batch) -> Arrival:
        """A batch with how far its reading has come, if it is being read here."""
        reading = (u for u in self._known if u.is_active and u.sha256 == batch.sha256)
        return _together(next(reading, None) if batch.state == "running" else None, batch, id=str(batch.id))

    def take_back(
        self, id: str, store: Store, *, by: str = "", reason: str = "", flags_dealt_with: bool = False
    ) -> int:
        """Take back an upload or a batch, whatever it has come to; returns how many comments went. The caller has redacted the reason.

        Raises NotFound where there is none, or none any more, and BadInput as `Store.rollback`, before anything is stopped.
        """
        arrival = self.arrival(id, store)
        upload = self._all.get(arrival.upload or "")
        if arrival.batch is not None:
            store.check_rollback(arrival.batch.id, by=by, reason=reason, flags_dealt_with=flags_dealt_with)
        if upload:
            upload.taken_back = (by, reason)
        # The reading ends by this, at the latest after the part it is at.
        active = upload and any(self._moves(upload, s, "rolled_back") for s in ("queued", "running", "failed"))
        if not active and arrival.batch is None:
            raise NotFound("This upload has already been taken back.")
        if arrival.batch is None:
            return 0
        if active:  # what it flagged since the check above goes too, and the receipt tells of it
            by, reason, flags_dealt_with = by or PROGRAM, reason or _STOPPED, True
        return store.rollback(arrival.batch.id, by=by, reason=reason, flags_dealt_with=flags_dealt_with)

    def _seen(self, upload: Upload, store: Store) -> Arrival:
        # The state first: an upload that finishes while its batch is looked for must not be called finished without one.
        state = upload.state
        return _together(upload, self._batch_of(upload, store), state=state)

    def _batch_of(self, upload: Upload, store: Store) -> Batch | None:
        """The batch of an upload; None until its columns are understood, and where it failed."""
        if upload.batch is not None:
            return store.batch(upload.batch)
        if upload.state != "running":
            return None
        return next((b for b in store.batches() if b.sha256 == upload.sha256 and b.state == "running"), None)

    def _keep(self, file: BinaryIO, name: str, wishes: Wishes) -> Upload:
        id = f"u-{token_hex(6)}"
        # Some browsers send the whole path. What is left must be a name that any disk takes.
        safe = "".join(c for c in PureWindowsPath(name).name if c.isprintable())[-100:].strip(". ") or "upload"
        path = self.folder / id / safe
        path.parent.mkdir()
        digest = hashlib.sha256()
        with path.open("wb") as copy:
            while block := file.read(_COPY_BYTES):
                digest.update(block)
                copy.write(block)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return Upload(id, self._shown(safe), digest.hexdigest(), now, wishes, path)

    def _shown(self, name: str) -> str:
        """The name of a file as pages and messages show it: people write names of people there. Waits until the models are loaded."""
        from feedback.redact.beside import Beside

        try:
            return Beside(self._pipeline.result().redactor).file(name)
        except Exception:  # the models cannot be loaded, as reading the file will say
            return f"upload{Path(name).suffix}"

    def _read(self, upload: Upload) -> None:
        """Read one upload; whatever happens is noted on it."""
        try:
            if self._moves(upload, "queued", "running"):
                upload.batch = self._analyse(upload).batch
                self._follow(upload)
                if not self._moves(upload, "running", "finished"):
                    raise _Broken
        except _Broken:
            self._leave_nothing(upload)
        except FeedbackError as error:
            self._note(upload, str(error))
        except Exception as error:
            # Its message might hold a comment, so only its kind and where it arose are written down.
            where = "".join(traceback.format_tb(error.__traceback__))
            _LOG.error("Upload %s: %s\n%s", upload.id, type(error).__name__, where)
            self._note(upload, _UNEXPECTED)
        finally:
            shutil.rmtree(upload.path.parent, ignore_errors=True)

    def _follow(self, upload: Upload) -> None:
        try:
            self._after()
        except Exception as error:  # the batch is stored whatever becomes of this
            _LOG.error("What follows upload %s: %s", upload.id, type(error).__name__)

    def _moves(self, upload: Upload, before: UploadState, after: UploadState) -> bool:
        """Move an upload on, unless somebody has meanwhile taken it back."""
        with self._moving:
            if upload.state != before:
                return False
            upload.state = after
            return True

    def _analyse(self, upload: Upload, *, dry_run: bool = False) -> "FileReport":
        from feedback.batches.intake import analyse_file

        def moved(rows: int, of: int | None) -> None:
            upload.move(rows, of)
            if self._stopping or upload.state == "rolled_back":
                raise _Broken

        wishes = upload.wishes
        pipeline = self._pipeline.result()
        with open_store(self._db) as store:
            return analyse_file(
                upload.path,
                store,
                pipeline,
                mapping=wishes.mapping,
                sheet=wishes.sheet,
                day_first=wishes.day_first,
                remembered=wishes.remembered,
                dry_run=dry_run,
                progress=moved,
            )

    def _note(self, upload: Upload, problem: str) -> None:
        upload.problem = problem
        if not self._moves(upload, "running", "failed"):
            self._leave_nothing(upload)

    def _leave_nothing(self, upload: Upload) -> None:
        """Of an upload taken back while it was read, take back the batch it has come to since."""
        if upload.state == "rolled_back":
            with open_store(self._db) as store:
                for batch in store.batches():
                    mine = batch.state == "running" and batch.sha256 == upload.sha256
                    if mine or (batch.id == upload.batch and batch.state == "finished"):
                        by, reason = upload.taken_back
                        store.rollback(batch.id, by=by or PROGRAM, reason=reason or _STOPPED, flags_dealt_with=True)


def _own_folder() -> tuple[Path, int]:
    """A folder for uploads that only this account can open, and the lock that shows that its server lives.

    The kernel drops the lock however the process ends. Between the making and the locking another server may take the folder
    for a leftover; then a new one is made.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.exists():
            return folder, held
        os.close(held)


def _remove_leftovers() -> None:
    """Remove the folders of servers that were killed: what lies there may identify people."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        except OSError:
            continue  # gone meanwhile, or another account's
        try:
            if os.fstat(held).st_uid == os.geteuid():
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except BlockingIOError:
            pass  # its server lives
        finally:
            os.close(held)


def _together(
    upload: Upload | None, batch: Batch | None, *, id: str | None = None, state: UploadState | None = None
) -> Arrival:
    if upload is None:
        assert batch is not None
        state = "interrupted" if batch.state == "running" else batch.state
        return Arrival(id or str(batch.id), None, batch, batch.file, state, batch.created_at)
    state = state or upload.state
    if batch is not None and batch.state != "running":
        state = batch.state
    return Arrival(
        id or upload.id,
        upload.id,
        batch,
        upload.file,
        state,
        upload.received_at,
        upload.rows,
        upload.of,
        upload.problem,
        upload.per_second,
        (upload.of - upload.rows) / rate if (rate := upload.per_second) and upload.of is not None else None,
    )
