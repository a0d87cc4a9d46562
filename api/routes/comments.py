"""Show the words: comments under any filters, one comment explained, clauses to quote; tag new ones, correct stored ones."""

from typing import Annotated, Any, get_args

from fastapi import APIRouter, Query

from api import schemas
from api.deps import AskedOnWords, Connection, Data, ReaderOfWords, WhenLoaded, Writing
from feedback.comment import SIGN_OF, Comment, Finding, RespondentType
from feedback.errors import BadInput
from feedback.filters import EVERYTHING, SIGNALS
from feedback.present import as_record
from feedback.query import Order, Stored, clauses, comment, comments_page
from feedback.read.lines import read_record
from feedback.store import PERSON
from feedback.taxonomy import Taxonomy

router = APIRouter(tags=["comments"])

SCALE = {"positive": 2, "neutral": 3, "negative": 4}  # of a sentiment that a person names without a scale
OF_THE_WHOLE = ("service", "respondent")  # what a person says of these need not rest on particular words


@router.post("/tag", response_model=schemas.Tagged)
def tag(given: schemas.ToTag, reader: ReaderOfWords, when_loaded: WhenLoaded) -> dict[str, Any]:
    """Analyse up to 1,000 comments and give them back in order; nothing is stored."""
    raws = [read_record(c.model_dump(), f"place {place}") for place, c in enumerate(given.comments, start=1)]
    pipeline = when_loaded()
    versions = pipeline.versions
    return {"comments": [as_record(done, pipeline.taxonomy, versions) for done in pipeline.analyse(raws)]}


@router.get("/comments", response_model=schemas.CommentPage)
def comments(
    asked: AskedOnWords,
    after: Annotated[str | None, Query(description="What the page before said under after.")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List comments, newest first and undated last, page by page."""
    page = comments_page(*asked.asked, after=after, limit=limit)
    return {"comments": [_record(stored, asked.taxonomy) for stored in page.comments], "after": page.after}


@router.get("/clauses", response_model=schemas.Clauses)
def quotable(
    asked: AskedOnWords,
    order: Annotated[Order, Query(description="The surest first, the most negative, or the most positive.")] = "score",
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> dict[str, Any]:
    """List single clauses with their citations, such as the most negative on a theme."""
    return {"clauses": clauses(*asked.asked, order=order, limit=limit)}


@router.get("/comments/{id:path}", response_model=schemas.ExplainedComment)
def one(id: str, conn: Connection, taxonomy: Data, reader: ReaderOfWords) -> dict[str, Any]:
    """Show one comment by its id, its citation or that of a clause, with every finding explained."""
    return _explained(comment(conn, id, reader.scope), taxonomy)


@router.post("/comments/{id:path}/corrections", response_model=schemas.ExplainedComment, status_code=201)
def correct(
    id: str, said: schemas.Correction, conn: Connection, taxonomy: Data, reader: ReaderOfWords, store: Writing
) -> dict[str, Any]:
    """Keep what a person says of a comment; it outranks every machine, now and after every re-analysis."""
    stored = comment(conn, id, reader.scope).analysed.comment
    store.save_correction(stored.id, _finding(said, stored, taxonomy, f"{PERSON}{reader.name}"))
    # Not by the reader's scope: a correction of the service may just have moved the comment out of it.
    return _explained(comment(store.conn, stored.id, EVERYTHING), taxonomy)


def _finding(said: schemas.Correction, of: Comment, taxonomy: Taxonomy, by: str) -> Finding:
    """What was said, as a finding. Raises NotFound or BadInput for a label or polarity that does not fit its kind."""
    polarity, detail = "", ""
    if said.kind in ("theme", "value", "objective", "statement"):
        getattr(taxonomy, said.kind)(said.label)
        if said.so and said.polarity is None:
            raise BadInput(f"Say with which polarity the {said.kind} is meant: +, -, ~ or 0.")
        polarity = said.polarity or "0"
    elif said.kind == "sentiment":
        _one_of("sentiment", said.label, tuple(SCALE))
        polarity = "~" if said.polarity == "~" else SIGN_OF[said.label]
        detail = str(said.scale or SCALE[said.label])
    elif said.kind == "service":
        taxonomy.service_name(said.label)
        detail = said.role
    elif said.kind == "signal":
        _one_of("signal", said.label, SIGNALS)
        detail = said.severity
    else:
        _one_of("respondent", said.label, get_args(RespondentType))
    whole = 0 if said.kind in OF_THE_WHOLE else len(of.text)
    start, end = said.start or 0, whole if said.end is None else said.end
    return Finding(said.kind, said.label, polarity, float(said.so), start, end, by, detail)


def _one_of(kind: str, label: str, choices: tuple[str, ...]) -> None:
    if label not in choices:
        raise BadInput(f"There is no {kind} {label!r}; use one of {', '.join(choices)}.")


def _record(stored: Stored, taxonomy: Taxonomy) -> dict[str, Any]:
    record = as_record(stored.analysed, taxonomy, stored.versions)
    return record | {"citation": stored.citation, "date_precision": stored.date_precision}


def _explained(stored: Stored, taxonomy: Taxonomy) -> dict[str, Any]:
    text = stored.analysed.comment.text
    return _record(stored, taxonomy) | {
        "explanation": [
            {
                "kind": f.kind,
                "label": f.label,
                "title": _title(f, taxonomy),
                "polarity": f.polarity,
                "score": round(f.score, 3),
                "words": text[f.start : f.end],
                "start": f.start,
                "end": f.end,
                "by": f.by,
                "detail": f.detail,
            }
            for f in stored.analysed.findings
        ]
    }


def _title(finding: Finding, taxonomy: Taxonomy) -> str:
    """The name of a label, as a person reads it."""
    label = finding.label
    match finding.kind:
        case "service":
            return taxonomy.service_name(label)
        case "theme":
            return taxonomy.theme(label).name
        case "value":
            return taxonomy.value(label).name
        case "objective":
            return taxonomy.objective(label).title
        case "statement":
            return taxonomy.statement(label).title
        case _:
            return label.replace("_", " ")
