"""Say who is told of changes in a view, and send what is new by e-mail; no digest holds a comment's words."""

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.deps import AskingReader, Connection, Data, Writing
from feedback.errors import NotFound
from feedback.filters import Scope
from feedback.over_time.mail import mail_server
from feedback.over_time.subscriptions import (
    Sent,
    Subscription,
    digests,
    outlook,
    prepare,
    send,
    settle,
    subscribe,
    unsubscribe,
)
from feedback.over_time.subscriptions import subscriptions as all_subscriptions
from feedback.over_time.views import changes_in
from feedback.settings import Settings
from feedback.store import Store
from feedback.taxonomy import Taxonomy

router = APIRouter(prefix="/subscriptions", tags=["over time"])


class SubscriptionToKeep(BaseModel):
    """Who is to be told of which view, and how."""

    model_config = ConfigDict(extra="forbid")

    view: int = Field(description="The view's number.")
    way: Literal["file", "email"]
    to: str = Field(description="An e-mail address, or whom the file is for.", examples=["lead@example.nhs.uk"])


class SubscriptionShown(BaseModel):
    """Who is told of a view; counts are of digests."""

    id: int
    view: int
    name: str = Field(description="The view's name.")
    way: Literal["file", "email"]
    to: str
    by: str
    at: str
    sent: int
    ready: int
    in_doubt: int


class DigestShown(BaseModel):
    """A digest: what it says, and what has become of it."""

    id: int
    subscription: int
    view: str
    way: str
    to: str
    made_at: str
    subject: str
    body: str
    state: Literal["ready", "sending", "sent", "dropped"]
    moved_at: str


class Subscriptions(BaseModel):
    """Everybody who is told of a view that this reader may see, and the digests whose fate is not known."""

    subscriptions: list[SubscriptionShown]
    in_doubt: list[DigestShown]


class OutlookShown(BaseModel):
    """What a subscription waits for: changes not told yet, digests written and not sent, and a sentence: what, when, why not yet."""

    subscription: int
    to_tell: list[str]
    waiting: list[str]
    says: str


class SentShown(BaseModel):
    """What a run came to."""

    sent: int
    waiting: int
    in_doubt: int
    said: list[str]


class Settled(BaseModel):
    """What became of a digest in doubt."""

    model_config = ConfigDict(extra="forbid")

    arrived: bool


class Ended(BaseModel):
    """What was ended."""

    id: int


@router.get("", response_model=Subscriptions)
def listed(conn: Connection, reader: AskingReader) -> dict[str, Any]:
    """List who is told of which view, and the digests in doubt."""
    return {
        "subscriptions": [_shown(one) for one in all_subscriptions(conn, reader.scope)],
        "in_doubt": [_plain(one) for one in digests(conn, reader.scope, state="sending")],
    }


@router.get("/{id}/outlook", response_model=OutlookShown)
def ahead(id: int, conn: Connection, taxonomy: Data, reader: AskingReader) -> dict[str, Any]:
    """Say what somebody will be told next, when, and why not yet; it looks for changes in their view, which may take seconds."""
    for one in all_subscriptions(conn, reader.scope):
        if one.id == id:
            return asdict(outlook(conn, taxonomy, one, changes_in(conn, taxonomy, one.view), Settings()))
    raise NotFound(f"There is no subscription {id} that you may see.")


@router.post("", response_model=SubscriptionShown, status_code=201)
def keep(said: SubscriptionToKeep, reader: AskingReader, store: Writing) -> dict[str, Any]:
    """Tell somebody of a view from now on."""
    return _shown(subscribe(store, said.view, said.way, said.to, reader.scope, by=reader.name))


@router.delete("/{id}", response_model=Ended)
def end(id: int, reader: AskingReader, store: Writing) -> dict[str, Any]:
    """Tell them no more; the address is forgotten."""
    unsubscribe(store, id, reader.scope, by=reader.name)
    return {"id": id}


@router.post("/send", response_model=SentShown)
def send_now(reader: AskingReader, taxonomy: Data, store: Writing) -> Sent:
    """Send by e-mail what people have not been told; what is refused waits and is tried again."""
    return send_what_is_new(store, taxonomy, reader.scope)


@router.get("/digests/{id}", response_model=DigestShown)
def one_digest(id: int, conn: Connection, reader: AskingReader) -> dict[str, Any]:
    """Show a digest as it goes out."""
    for one in digests(conn, reader.scope):
        if one.id == id:
            return _plain(one)
    raise NotFound(f"There is no digest {id} that you may see.")


@router.post("/digests/{id}/settle", response_model=Ended)
def settle_one(id: int, said: Settled, reader: AskingReader, store: Writing) -> dict[str, Any]:
    """Say of a digest in doubt that it arrived, or let it be sent again."""
    settle(store, id, reader.scope, arrived=said.arrived)
    return {"id": id}


def send_what_is_new(store: Store, taxonomy: Taxonomy, scope: Scope) -> Sent:
    """Write down and send what is new. Raises BadInput where there is something to send and no server takes it."""
    settings = Settings()
    prepare(store, taxonomy, "email", scope, address=settings.address)
    if not digests(store.conn, scope, state="ready", way="email"):
        return Sent(0, 0, len(digests(store.conn, scope, state="sending", way="email")), ())
    with mail_server(settings) as server:
        return send(store, server, scope, sender=settings.smtp_from or "")


def _shown(one: Subscription) -> dict[str, Any]:
    return {
        "id": one.id,
        "view": one.view.id,
        "name": one.view.name,
        "way": one.way,
        "to": one.to,
        "by": one.by,
        "at": one.at,
        "sent": one.sent,
        "ready": one.ready,
        "in_doubt": one.in_doubt,
    }


def _plain(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in DigestShown.model_fields}
