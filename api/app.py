"""Put the application together: the API under /api/v1, the pages at /, and what guards both.

It is made for one machine: it answers only requests addressed to it by a loopback name, lets no other site's page change
anything, and asks no other machine for anything. The pipeline loads beside the first requests; what needs it waits.
"""

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.middleware.trustedhost import TrustedHostMiddleware

from api import pages, problems
from api.arrivals import after_upload, look_for_changes
from api.deps import known_parameters
from api.problems import refuse
from api.routes import (
    about,
    actions,
    audit,
    batches,
    blind,
    comments,
    erasures,
    evidence,
    figures,
    over_time,
    programmes,
    reports,
    services,
    signals,
    strategies,
    strategy,
    subscriptions,
    topics,
    translations,
)
from api.uploads import Uploads
from feedback import __version__
from feedback.erase import finish
from feedback.errors import BadStore
from feedback.settings import Settings
from feedback.store import open_store
from feedback.taxonomy import load_taxonomy

if TYPE_CHECKING:
    from feedback.pipeline import Pipeline

STATIC = Path(__file__).resolve().parent / "static"
VENDOR = "/static/vendor"

# A page of another site could point its own name at this machine; the browser would then send that name.
HOSTS = ["127.0.0.1", "localhost", "testserver"]

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",  # the design system's icons are data: addresses in its style sheet
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
DESCRIPTION = """
What patients and carers say, by service, theme, value and objective, and how it moves.

Every question takes the same filters. Lists come in pages: ask again with `after` from the last answer until it is null.
A refusal is `application/problem+json` (RFC 9457) with one sentence in `detail`. Until there are accounts, the API answers
this machine alone.
"""


def make_app(db: Path, *, look_ahead: bool = False) -> FastAPI:
    """The application over one database, which is made or brought up to date when it starts.

    `look_ahead`: once it has started, it finds what the last upload changed before anybody asks. Start it as a context (`with TestClient(make_app(db))`, or a server): only then is anything opened.
    """
    app = FastAPI(
        title="feedback",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,  # that page would ask another machine for its script; ours is `_docs`
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_lifespan,
    )
    app.state.db, app.state.look_ahead = db, look_ahead
    for module in (
        about,
        audit,
        batches,
        translations,  # before the comments, whose ids may hold a "/"
        comments,
        erasures,
        figures,
        services,
        strategies,
        strategy,
        evidence,
        programmes,
        blind,  # before the signals, whose ids may hold a "/"
        signals,
        actions,
        reports,
        over_time,
        subscriptions,
        topics,
    ):
        app.include_router(module.router, prefix="/api/v1", dependencies=[Depends(known_parameters)])
    app.include_router(pages.router)
    app.add_api_route("/docs", _docs, include_in_schema=False, response_class=HTMLResponse)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)
    app.middleware("http")(_guard)
    problems.add_handlers(app)
    written = app.openapi
    app.openapi = lru_cache(lambda: problems.document(written()))  # type: ignore[method-assign]
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    # A rollback or an erasure that was broken off; where another program holds the file, the next of them or the next start tries again.
    with open_store(app.state.db) as store, suppress(BadStore):
        finish(store)
    settings = Settings()
    app.state.taxonomy = load_taxonomy(settings.data)
    with ThreadPoolExecutor(1, "pipeline") as loader:
        if app.state.look_ahead:
            loader.submit(look_for_changes, app.state.db, app.state.taxonomy)
        app.state.pipeline = loader.submit(_load, settings)
        follow = partial(after_upload, app.state.db, app.state.taxonomy)
        with Uploads(app.state.db, app.state.pipeline, follow) as app.state.uploads:
            yield


@lru_cache(maxsize=1)
def _load(settings: Settings) -> "Pipeline":
    """The pipeline, loaded once in a process however many applications it makes: it takes seconds, and a gigabyte."""
    from feedback.pipeline import load_pipeline

    return load_pipeline(settings)


async def _guard(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    """Refuse what another site's page sends in a person's name, and tell the browser what a page of ours may do."""
    if request.method not in SAFE_METHODS and not _is_from_here(request):
        response = refuse(request, 403, "A page of another site asked for this, so nothing was changed.")
    else:
        response = await call_next(request)
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", _policy(POLICY))
    if not request.url.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")  # comments are not left behind in a browser
    return response


def _is_from_here(request: Request) -> bool:
    """Whether our own page, or no browser at all, sends this. Browsers say so themselves, and a page cannot make them lie."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _policy(rules: dict[str, str]) -> str:
    return "; ".join(f"{name} {sources}" for name, sources in rules.items())


def _docs(request: Request) -> Response:
    """The API's own page, from files of this machine."""
    page = get_swagger_ui_html(
        openapi_url=str(request.app.openapi_url),
        title="feedback: the API",
        swagger_js_url=f"{VENDOR}/swagger-ui-bundle.js",
        swagger_css_url=f"{VENDOR}/swagger-ui.css",
        swagger_favicon_url="data:,",
        swagger_ui_parameters={"validatorUrl": None},
    )
    # Swagger starts itself by a script within the page, so that one script is allowed, by its hash, and nothing else.
    script = re.search(rb"<script>(.*?)</script>", page.body, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1]).digest()).decode()
    allowed = {"script-src": f"'self' 'sha256-{digest}'", "style-src": "'self' 'unsafe-inline'"}
    page.headers["Content-Security-Policy"] = _policy(POLICY | allowed)
    return page
