"""The two nouns that travel: a Comment (redacted words and where they came from) and a Finding (one claim about one stretch of it).

A RawComment holds words that may identify a person. Only `redact` turns it into a Comment; nothing else
may store, log, encode or show it, which is why its text is left out of its repr.
"""

import datetime
from dataclasses import dataclass, field
from typing import Literal

QuestionKind = Literal["what_good", "could_improve", "nonspecific"]
RespondentType = Literal["patient", "carer", "relative", "parent", "staff", "unknown"]
Sentiment = Literal["positive", "neutral", "negative"]
FindingKind = Literal[
    "clause", "service", "respondent", "theme", "sentiment", "value", "objective", "statement", "signal"
]

# What may not be able to wait (the interface's kinds, in its order).
SIGNALS = (
    "self_harm_suicide",
    "abuse_neglect_safeguarding",
    "harm_medication_clinical_error",
    "violence_threat",
    "discrimination_hate",
    "restraint_seclusion_concern",
    "privacy_breach",
    "child_risk",
    "unsafe_environment",
    "deterioration_no_help",
    "complaint_intent",
)

SIGN_OF: dict[str, str] = {"positive": "+", "neutral": "0", "negative": "-", "mixed": "~"}
SENTIMENT_OF: dict[str, Sentiment] = {"+": "positive", "0": "neutral", "-": "negative"}


@dataclass(frozen=True, slots=True)
class RawComment:
    """One answer as it came out of a file or a request, before anything is hidden.

    `services` are the cells of the upload's service columns, most specific first; `respondent` the cell as written;
    `respondent_key` the upload's own id of the person or form (kept only hashed); `fft` 1 very good … 5 very poor,
    6 don't know; `row` the number a spreadsheet shows; `column` the heading the words stood under.
    """

    text: str = field(repr=False)
    id: str | None = None
    question: str | None = None
    date: datetime.date | None = None
    date_precision: Literal["day", "month"] = "day"
    services: tuple[str, ...] = ()
    respondent: str | None = None
    respondent_key: str | None = field(default=None, repr=False)
    fft: int | None = None
    row: int | None = None
    sheet: str | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Redaction:
    """Where a placeholder stands in the redacted text: kind, offsets of the placeholder, and whose name it hides.

    kind: person, nhs_number, phone, email, postcode, address, date_of_birth, url, other_id;
    role: staff, patient, relative, unknown for a person, else None.
    """

    kind: str
    start: int
    end: int
    placeholder: str
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Comment:
    """One answer that is safe to keep: cleaned, redacted, dated, with the language it is in.

    `language` is ISO 639-1 ("tet" and "und" as detect_language says); anything but "en" is stored and counted but carries no findings.
    `contentless` marks "N/A", ".", "did not answer": kept, counted, no findings.
    `service_cells` and `respondent_cell` are the upload's own words for the service and the person (redacted too).
    `translated_from` is the language it was given in, where the words are a person's translation; "en" where a person says that
    it is English, whatever it was taken for.
    """

    id: str
    text: str
    question: str | None = None
    question_kind: QuestionKind = "nonspecific"
    date: datetime.date | None = None
    fft: int | None = None
    language: str = "en"
    contentless: bool = False
    redactions: tuple[Redaction, ...] = ()
    service_cells: tuple[str, ...] = ()
    respondent_cell: str | None = None
    translated_from: str | None = None

    @property
    def is_read(self) -> bool:
        """Whether findings are made: English, and with content."""
        return self.language == "en" and not self.contentless


@dataclass(frozen=True, slots=True)
class Finding:
    """One claim about one stretch of one comment.

    kind and label say what (theme "parking", value "kind", objective "B2", statement "B2.W5", service id,
    signal kind, respondent type, sentiment or clause "positive").
    polarity: "+" good, "-" bad, "~" both, "0" neither, "" where it makes no sense (service, respondent, signal).
    score 0 to 1, higher is surer. start and end: offsets in the comment's text, end exclusive.
    by: the rule or model and its version, as "theme-model 1.0" or "rule:alias".
    detail: what else the kind needs: a service's role (subject, mentioned), a signal's severity (watch, urgent),
    the five-point scale of a sentiment ("1" very positive … "5"), a clause's number from 1, the placeholder of nothing else.
    """

    kind: FindingKind
    label: str
    polarity: str
    score: float
    start: int
    end: int
    by: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StaffName:
    """The name of a member of staff as it was written, and where its placeholder stands in the redacted text.

    There is none unless FEEDBACK_STAFF_NAMES says that praise keeps them; only `staff_names` may store one.
    """

    start: int
    end: int
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Analysed:
    """A comment and everything found in it, in the order: clauses, sentiment, themes, services, respondent, values, objectives, statements, signals.

    `names` may be kept apart from it, for the team's own page alone; nothing else may show, store or log them.
    """

    comment: Comment
    findings: tuple[Finding, ...] = ()
    names: tuple[StaffName, ...] = field(default=(), repr=False)

    def of(self, kind: FindingKind) -> tuple[Finding, ...]:
        """The findings of one kind, in order."""
        return tuple(f for f in self.findings if f.kind == kind)
