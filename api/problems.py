"""Turn a refusal into an answer: a problem document (RFC 9457) under /api, a page everywhere else.

One table says which status each class of refusal has. The sentence a refusal carries is all that is told; what was sent
is never repeated, because it may be a comment.
"""

import sqlite3
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.schemas import Problem
from feedback.errors import BadData, BadFile, BadInput, BadModel, BadStore, FeedbackError, Gone, NotFound


class Forbidden(FeedbackError):
    """A request that this reader, or this machine, may not make."""


STATUS: dict[type[Exception], int] = {
    BadInput: 400,
    Forbidden: 403,
    NotFound: 404,
    Gone: 410,
    BadFile: 422,
    RequestValidationError: 422,
    BadData: 503,
    BadModel: 503,
    BadStore: 503,
    sqlite3.Error: 503,
    Exception: 500,
}

MEDIA_TYPE = "application/problem+json"

# What SQLite says may name a table or a file of this machine, and nobody outside can act on it.
_DATABASE = (
    "The database cannot be read at the moment; try again, and look at the server's messages if that does not help."
)
_UNEXPECTED = "Something went wrong here, and nothing you can change would mend it; the server's messages say more."


def add_handlers(app: FastAPI) -> None:
    """Answer every refusal of the application, expected or not."""
    for kind in STATUS:
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(HTTPException, _not_served)


def document(openapi: dict[str, Any]) -> dict[str, Any]:
    """Say in an OpenAPI document that every operation may be refused by a problem, in place of FastAPI's own error."""
    schemas = openapi["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema()
    for theirs in ("HTTPValidationError", "ValidationError"):
        schemas.pop(theirs, None)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in openapi["paths"].values():
        for operation in operations.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {"description": "A refusal, with its reason.", "content": content}
    return openapi


def refuse(request: Request, status: int, sentence: str, errors: list[dict[str, str]] | None = None) -> Response:
    """Answer with a refusal in the form that belongs to the path."""
    from api import pages  # its routes import this module's neighbours

    if not request.url.path.startswith("/api/"):
        return pages.refusal(request, status, sentence)
    problem = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": sentence,
        "instance": request.url.path,
    }
    if errors:
        problem["errors"] = errors
    return JSONResponse(problem, status, media_type=MEDIA_TYPE)


def sentence_of(error: Exception) -> str:
    """What may be said of an error to whoever asked."""
    if isinstance(error, FeedbackError):
        return str(error)
    return _DATABASE if isinstance(error, sqlite3.Error) else _UNEXPECTED


def _refused(request: Request, error: Exception) -> Response:
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    if isinstance(error, RequestValidationError):
        errors = [{"field": _field(e["loc"]), "message": e["msg"]} for e in error.errors()]
        sentence = "; ".join(f"{e['field']}: {e['message']}" for e in errors) + "."
        return refuse(request, status, sentence, errors)
    return refuse(request, status, sentence_of(error))


def _not_served(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = {
        404: "There is nothing at this address; /docs lists what the API answers.",
        405: f"{request.method} is not answered at this address; /docs lists what is.",
    }
    response = refuse(request, error.status_code, said.get(error.status_code, error.detail))
    response.headers.update(error.headers or {})
    return response


def _field(place: tuple[int | str, ...]) -> str:
    """Where in the request: "limit", "comments.3.text"; the first part only says whether it is the path, query or body."""
    return ".".join(map(str, place[1:])) or str(place[0])
