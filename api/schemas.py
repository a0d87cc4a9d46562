"""What the API says and takes, field by field: the shapes that clients rely on, which OpenAPI at /docs shows.

They mirror the nouns of feedback/ and hold no logic. Every count may be null for a reader who may not read the comments
behind it; `suppressed` then names the field and the reason. All examples are invented.
"""

from datetime import date as Day
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from feedback.comment import QuestionKind, RespondentType
from feedback.strategies.remap import Basis
from feedback.undecided import ReviewOutcome

Count = Annotated[int | None, Field(description="Comments; null where suppressed.", examples=[42])]
Score = Annotated[float, Field(ge=0, le=1, description="0 to 1, higher is surer.", examples=[0.87])]
Start = Annotated[int, Field(ge=0, description="First character, counted from 0, in the comment's text.")]
End = Annotated[int, Field(ge=0, description="The character after the last.")]
By = Annotated[
    str, Field(description="The rule or model, with its version, or person:<name>.", examples=["reader 1.0"])
]
Polarity = Annotated[Literal["+", "-", "~", "0"], Field(description="+ good, - bad, ~ both, 0 neither.")]
Suppressed = Annotated[
    dict[str, str],
    Field(description="Which counts are hidden from this reader, and why.", examples=[{"n": "fewer than 5"}]),
]


class Problem(BaseModel):
    """A refusal, as RFC 9457 has it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "detail": "There is no service 'podiatri'; the nearest ids are podiatry.",
                "instance": "/api/v1/services/podiatri/summary",
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str = Field(description="One sentence: what is wrong and what to do.")
    instance: str
    errors: list[dict[str, str]] | None = Field(None, description="Of a request of the wrong shape: field and message.")


# One comment


class Respondent(BaseModel):
    """Who gave the comment."""

    type: RespondentType
    score: Score
    by: By


class Redaction(BaseModel):
    """A placeholder in the text, and what it hides."""

    kind: str = Field(examples=["person"])
    start: Start
    end: End
    placeholder: str = Field(examples=["[PERSON]"])
    role: str | None = Field(description="Of a person: staff, patient, relative or unknown.")


class ServiceOfComment(BaseModel):
    """A service that the comment is about, or only mentions."""

    id: str = Field(examples=["podiatry"])
    role: str = Field(description="subject, or mentioned: past, compared, moved from, another organisation.")
    score: Score
    start: Start
    end: End
    by: By


class Segment(BaseModel):
    """One clause, its sentiment, its themes, and whose experience it tells."""

    start: Start
    end: End
    sentiment: str
    themes: list[str]
    experience: RespondentType = Field(
        description="patient: the care of the person cared for; carer, relative, parent, staff: what the speaker lived through "
        "in that role; unknown where nothing tells."
    )


class ThemeOfComment(BaseModel):
    """A theme of the comment, with the words it rests on."""

    id: str = Field(examples=["parking"])
    score: Score
    sentiment: str
    start: Start
    end: End
    by: By


class SentimentOfComment(BaseModel):
    """How the comment as a whole sounds."""

    label: Literal["positive", "neutral", "negative"]
    scale: int = Field(ge=1, le=5, description="1 very positive to 5 very negative.")
    score: Score
    mixed: bool = Field(description="Whether its clauses pull both ways.")
    by: By


class ValueOfComment(BaseModel):
    """One of the Trust's values, lived or not."""

    id: str = Field(examples=["kind"])
    polarity: Polarity
    score: Score
    start: Start
    end: End
    by: By


class ObjectiveOfComment(BaseModel):
    """An objective of the strategy that the comment speaks for or against."""

    id: str = Field(examples=["B2"])
    polarity: Polarity
    score: Score
    statements: list[str] = Field(description="Statements of the objective, best first.", examples=[["B2.W5"]])
    start: Start
    end: End
    by: By


class SignalOfComment(BaseModel):
    """Something in the comment that may not be able to wait."""

    kind: str = Field(examples=["unsafe_environment"])
    severity: Literal["watch", "urgent"]
    score: Score
    start: Start
    end: End
    by: By


class AnalysedComment(BaseModel):
    """One comment and all that was found in it; offsets are characters of `text`, end exclusive."""

    id: str = Field(examples=["c-5f0c1d2e3a4b5c6d"])
    text: str = Field(
        description="Cleaned and redacted: the only text that is ever kept.",
        examples=["The nurse was lovely but the car park was full again."],
    )
    question: str | None = Field(examples=["What could we do better?"])
    question_kind: QuestionKind
    date: str | None = Field(examples=["2026-03-14"])
    fft: int | None = Field(description="Their own answer: 1 very good to 5 very poor, 6 don't know.", examples=[2])
    language: str = Field(examples=["en"])
    translated_from: str | None = Field(
        description="The language it was given in, where the text is a person's translation.", examples=["pl"]
    )
    flags: list[str] = Field(description="needs_translation, for what is not English and therefore not scored.")
    contentless: bool = Field(description='"N/A", "." and the like: kept, counted, nothing found in it.')
    respondent: Respondent
    redactions: list[Redaction]
    services: list[ServiceOfComment]
    segments: list[Segment]
    themes: list[ThemeOfComment]
    sentiment: SentimentOfComment | None
    values: list[ValueOfComment]
    objectives: list[ObjectiveOfComment]
    signals: list[SignalOfComment]
    versions: dict[str, str] = Field(description="Of the Trust's data and of every model.")


class StoredComment(AnalysedComment):
    """A comment of the database, with the citation that never changes."""

    citation: str = Field(examples=["HW-2026-000123"])
    date_precision: Literal["day", "month"] = Field(description="Whether only the month is known.")


class Explained(BaseModel):
    """One finding in words: what, which words it rests on, who or what says so."""

    kind: str = Field(examples=["theme"])
    label: str = Field(examples=["parking"])
    title: str = Field(examples=["Parking"])
    polarity: str = Field(description="+ good, - bad, ~ both, 0 neither, empty where it makes no sense.")
    score: Score
    words: str = Field(
        description="Empty where it rests on the upload's columns.", examples=["the car park was full again"]
    )
    start: Start
    end: End
    by: By
    detail: str


class ExplainedComment(StoredComment):
    """A stored comment with every finding explained."""

    explanation: list[Explained]


class CommentPage(BaseModel):
    """Comments, newest first and undated last."""

    comments: list[StoredComment]
    after: str | None = Field(
        description="Ask with this for the next page; null at the end.", examples=["2026-03-14~123"]
    )


class Clause(BaseModel):
    """One clause that can be quoted; polarity, score and by are those of the label asked for, else the clause's own."""

    citation: str = Field(examples=["HW-2026-000123.2"])
    comment: str = Field(description="The comment's id.")
    number: int = Field(description="The clause's place in the comment, from 1.")
    start: Start
    end: End
    text: str
    question: str | None
    date: Day | None
    date_precision: Literal["day", "month"]
    services: list[str]
    respondent: RespondentType
    sentiment: str = Field(description="The clause's own polarity.")
    polarity: str
    score: Score
    by: By
    label: str = Field("", description="The label that polarity, score and by are of; empty for the clause's own.")
    reason: str = Field(
        "",
        description="Why the clause counts, where it is evidence.",
        examples=["reader 2.0, 0.87 sure that it speaks against B2"],
    )
    before: str = Field(
        "", description="What stands before it in its sentence, as stored, where it is quoted as evidence."
    )
    after: str = Field(
        "", description="What stands behind it in its sentence, as stored, where it is quoted as evidence."
    )


class Clauses(BaseModel):
    """Clauses in the order asked for."""

    clauses: list[Clause]


class SaidOfComment(BaseModel):
    """One thing that a person said is so, or is not, or that a model read."""

    kind: str = Field(examples=["theme"])
    label: str = Field(examples=["parking"])
    polarity: str
    start: Start
    end: End
    detail: str = Field(
        description="A service's role, a signal's severity, the scale of a sentiment, a clause's number."
    )


class SaidByPerson(SaidOfComment):
    """One thing that a person said."""

    so: bool = Field(description="false: it is not so.")


class SaidByModel(SaidOfComment):
    """One thing that a rule or model read."""

    score: Score
    by: By


class Correction(BaseModel):
    """What a person said of a comment at one time, and what the models had read of the same."""

    number: int = Field(description="What to withdraw it by.")
    said: list[SaidByPerson]
    reason: str
    by: str = Field(examples=["person:A. Reader"])
    at: str | None = Field(
        description="null for one made before times were kept.", examples=["2026-08-03T09:30:00+00:00"]
    )
    withdrawn_by: str | None
    withdrawn_at: str | None
    models_said: list[SaidByModel]


class Corrections(BaseModel):
    """All that people said of a comment, the first thing first, withdrawn or not."""

    citation: str = Field(examples=["HW-2026-000123"])
    corrections: list[Correction]


class CorrectionToSave(BaseModel):
    """What a person says of a comment: that something is so, or that it is not."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"kind": "theme", "label": "parking", "polarity": "-", "so": True, "clause": 2}},
    )

    kind: Literal["service", "respondent", "theme", "sentiment", "value", "objective", "statement", "signal"]
    label: str = Field(
        max_length=100,
        description="A service's, theme's, value's, objective's or statement's id; a kind of signal or respondent; "
        "positive, neutral, negative or mixed.",
    )
    so: bool = Field(
        True, description="false says that it is not so. A signal is not taken away here but reviewed, with its reason."
    )
    polarity: Polarity | None = Field(
        None,
        description="Of a theme, value, objective or statement; left out, that of the clause named. Of a sentiment ~ counts it as mixed.",
    )
    scale: int | None = Field(None, ge=1, le=5, description="Of a sentiment: 1 very positive to 5 very negative.")
    role: Literal["subject", "mentioned"] = Field("subject", description="Of a service.")
    severity: Literal["watch", "urgent"] = Field("watch", description="Of a signal.")
    clause: int | None = Field(
        None, ge=1, description="The clause it rests on, from 1; of a sentiment, the clause whose sentiment it is."
    )
    start: int | None = Field(
        None, ge=0, description="The words it rests on; left out, the clause or the whole comment."
    )
    end: int | None = Field(None, ge=0)
    instead_of: str | None = Field(
        None, max_length=100, description="A label of the same kind that the comment carries and that it is not."
    )
    reason: str = Field("", max_length=2_000, description="Why. No names of patients; it is redacted.")


class CommentToTag(BaseModel):
    """One comment to analyse; nothing of it is stored."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=20_000, examples=["The nurse was lovely but I waited three hours."])
    id: str | int | None = None
    question: str | None = Field(None, max_length=2_000, examples=["What could we do better?"])
    date: Day | None = Field(None, examples=["2026-03-14"])
    service: str | list[str] | None = Field(
        None, description="What a form calls the service, most specific first.", examples=["Podiatry - Malvern"]
    )
    respondent: str | None = Field(None, max_length=500, examples=["Carer"])
    fft: int | None = Field(None, ge=1, le=6, description="1 very good to 5 very poor, 6 don't know.")


class ToTag(BaseModel):
    """Comments to analyse."""

    model_config = ConfigDict(extra="forbid")

    comments: list[CommentToTag] = Field(min_length=1, max_length=1_000)


class Tagged(BaseModel):
    """The comments analysed, in the order given."""

    comments: list[AnalysedComment]


# Counts


class Totals(BaseModel):
    """How much there is."""

    comments: Count
    read: Annotated[int | None, Field(description="Comments that were analysed: English, and with content.")]
    contentless: Count
    other_languages: Count
    respondents: Annotated[int | None, Field(description="People or forms; one may have given several comments.")]
    sentiment: dict[str, int | None] = Field(
        description="Comments read that are positive, neutral, negative or mixed.",
        examples=[{"positive": 310, "neutral": 40, "negative": 120, "mixed": 30}],
    )
    fft: dict[int, int | None] = Field(
        description="Friends and Family answers, 1 very good to 5 very poor, 6 don't know; one a form."
    )
    first: Day | None = Field(description="The day of the first comment that has a date.")
    last: Day | None
    undated: Count
    no_service: Annotated[int | None, Field(description="Comments for which no service was found.")]
    suppressed: Suppressed


class LabelCount(BaseModel):
    """How many comments carry a label, and with which polarity (one that says both in two places counts in both)."""

    id: str = Field(examples=["parking"])
    title: str = Field(examples=["Parking"])
    n: Count
    positive: Count
    negative: Count
    mixed: Count
    neutral: Count
    share: float | None = Field(description="Of the comments read, 0 to 1.", examples=[0.08])
    basis: Basis = Field(
        description="How a value, objective or statement is found: read by a model, in part of what a model reads, by rule from "
        "themes, or not yet (unread: its counts are null)."
    )
    suppressed: Suppressed


class ServiceCount(BaseModel):
    """A service in the tree, with the comments on it or on anything below it, once each."""

    id: str = Field(examples=["podiatry"])
    title: str = Field(examples=["Podiatry"])
    parent: str | None
    depth: int = Field(description="0 for a directorate.")
    unconfirmed: bool = Field(description="Whether the Trust has yet to confirm that it is so.")
    n: Count
    positive: Count
    neutral: Count
    negative: Count
    mixed: Count
    suppressed: Suppressed


class RespondentCount(BaseModel):
    """How many comments a kind of person gave."""

    id: RespondentType
    n: Count
    positive: Count
    neutral: Count
    negative: Count
    mixed: Count
    suppressed: Suppressed


class PeriodCount(BaseModel):
    """One month; 0 is a gap in the calendar, null is hidden."""

    start: Day
    n: Count
    positive: Count
    neutral: Count
    negative: Count
    mixed: Count
    mean_scale: float | None = Field(description="1 very positive to 5 very negative.")
    fft_n: Annotated[int | None, Field(description="Friends and Family answers, don't know among them.")]
    fft_positive: Annotated[int | None, Field(description="Of those, good or very good.")]
    fft_negative: Annotated[int | None, Field(description="Of those, poor or very poor.")]
    code_n: Annotated[int | None, Field(description="Comments that bear on what was asked for.")]
    code_positive: Count
    code_negative: Count
    suppressed: Suppressed


class Services(BaseModel):
    """The directory as rows of a tree, each before what is below it."""

    services: list[ServiceCount]


class Themes(BaseModel):
    """Themes, those most spoken of first."""

    read: Annotated[int | None, Field(description="Comments read: what the shares are of.")]
    themes: list[LabelCount]


class Allowing(BaseModel):
    """A share of the comments read that allows for how often the reader is wrong, with its 95 % interval."""

    share: float
    lower: float
    upper: float


class ReadCount(LabelCount):
    """A label whose misreading has been counted."""

    allowing: Allowing | None = Field(
        description="The share that bears on it, allowing for misreading; null where it cannot be said."
    )
    doubt: str = Field(
        description="Why no share of its sides is to be relied on; empty where one may be.",
        examples=["of 18 given in the test, 8 were right"],
    )
    doubts: dict[Literal["for", "against"], str] = Field(
        description="The same of a single side, where it is read well as a whole and one of its sides is not."
    )


class ValueCount(ReadCount):
    """A value: positive where it was lived, negative where it was not."""

    definition: str


class Values(BaseModel):
    """The Trust's values, in its order."""

    read: int | None
    values: list[ValueCount]


class ObjectiveCount(ReadCount):
    """An objective, with its statements: positive counts what speaks for it, negative against it."""

    aim: str
    statements: list[LabelCount]


class Objectives(BaseModel):
    """The objectives of the strategy, in its order."""

    version: str = Field(description="The version of the strategy.")
    read: int | None
    objectives: list[ObjectiveCount]


class TrendPoint(BaseModel):
    """One period of a control chart."""

    start: Day
    n: Annotated[int | None, Field(description="What the value is of; null where hidden.")]
    value: float | None = Field(description="A share 0 to 1, or a mean 1 to 5; null where hidden or empty.")
    lower: float | None = Field(description="Wilson's 95 % interval of a share.")
    upper: float | None
    hollow: bool = Field(description="Too few comments to signal alone.")
    suppressed: bool
    gap: bool = Field(description="Nobody commented.")
    phase: int | None
    mean: float | None
    lpl: float | None = Field(description="Lower process limit.")
    upl: float | None = Field(description="Upper process limit.")
    rule: str | None = Field(description="The rule that fired.")
    kind: str = Field(examples=["common_cause"])
    both_ways: bool
    colour: str = Field(examples=["#a6a6a6"])


class ActionMark(BaseModel):
    """Something done about what people said, as a chart marks it."""

    date: Day
    name: str = Field(examples=["Saturday clinic"])
    id: int
    letter: str = Field(examples=["A"])


class Trend(BaseModel):
    """A judged series: every period from the first to the last, and one sentence to act on."""

    measure: str
    phrase: str
    period: str
    points: list[TrendPoint]
    chart: str = Field(description="xmr, iprime or pprime.")
    chart_reason: str
    direction: str = Field(description="Which way is better.")
    target: float | None
    breaks: dict[str, str] = Field(description="Days from which limits start afresh, and why.")
    marks: dict[str, str] = Field(description="Days from which most comments were read with other versions, and which.")
    actions: list[ActionMark] = Field(
        description="What was done at the service within these periods; nothing is judged by it."
    )
    variation_icon: str | None
    assurance_icon: str | None
    trial_limits: bool
    rule: str | None
    since: Day | None
    warnings: list[str]
    sentence: str
    doubt: str = Field(
        "",
        description="Why a rate of a value or objective rests on doubted readings, of which no share is given; empty where not.",
    )
    vega: dict[str, Any] | None = Field(
        None, description="The chart as a Vega-Lite specification, asked for with as=vega."
    )


class Service(BaseModel):
    """What the directory says of a service."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    level: str
    parent: str | None
    county: str
    locality: str
    setting: str
    age_group: str
    care_type: str
    status: str
    source: str
    note: str
    programmes: list[str]
    unconfirmed: bool


class ServiceSummary(BaseModel):
    """A team's page in one call."""

    service: Service
    below: list[ServiceCount] = Field(description="The service itself and everything under it.")
    totals: Totals
    trend: Trend = Field(description="The share of negative comments by month.")
    themes: list[LabelCount]
    values: list[LabelCount]
    objectives: list[LabelCount]
    respondents: list[RespondentCount]
    praised: list[Clause] = Field(description="Quotations by a stated rule; none for one who may not read comments.")
    to_mend: list[Clause]
    rule: str = Field(description="How the quotations are chosen.")
    cannot_wait: "Signals | None" = Field(description="Not yet reviewed; null for one who may not read comments.")


class Unresolved(BaseModel):
    """Words of an upload's service column that no service was found for."""

    text: str = Field(examples=["Example Ward 9"])
    n: Count
    suppressed: Suppressed


class Guess(BaseModel):
    """An entry of the directory that a name may mean; two equal scores at the head are an open question."""

    id: str = Field(examples=["podiatry"])
    title: str = Field(examples=["Podiatry"])
    score: Score


class UnknownName(Unresolved):
    """A name that nobody knows, with the best guesses."""

    guesses: list[Guess]


class UnresolvedServices(BaseModel):
    """What uploads call services that the directory does not know, once each, most frequent first."""

    unresolved: list[UnknownName]


class NameOfService(BaseModel):
    """What a person says an upload's own name for a service means."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "Moon Clinic", "service": "podiatry"}}
    )

    text: str = Field(min_length=1, max_length=2_000, description="The name; capitals and spacing do not matter.")
    service: str = Field(
        max_length=200,
        description="A service's id, another organisation's (ext-…), or \"none\": not one of our services.",
    )


class ExplainedName(BaseModel):
    """What was said of a name, by whom and when; `undone_by` where it was replaced or taken back."""

    id: int
    text: str = Field(examples=["Moon Clinic"])
    service: str = Field(examples=["podiatry"])
    by: str = Field(examples=["person:A. Reader"])
    at: datetime | None
    undone_by: str | None
    undone_at: datetime | None
    stands: bool
    n: Count
    suppressed: Suppressed


class ExplainedNames(BaseModel):
    """What people said that names mean, the latest first."""

    names: list[ExplainedName]


class Disagreement(BaseModel):
    """The service that the upload's column names, and a different one that the words beside it name."""

    by_column: str = Field(examples=["podiatry"])
    by_words: str = Field(examples=["camhs"])
    n: Count
    suppressed: Suppressed


class Disagreements(BaseModel):
    """Pairs, the most frequent first; `disagree=podiatry:camhs` on any question asks for the comments of one."""

    disagreements: list[Disagreement]


class Programme(BaseModel):
    """A priority or programme of the delivery plan, and how many comments its services have."""

    id: str
    kind: Literal["priority", "programme"]
    title: str
    status: str | None
    n: Count
    positive: Count
    neutral: Count
    negative: Count
    mixed: Count
    suppressed: Suppressed


class Programmes(BaseModel):
    """The delivery plan."""

    version: str
    programmes: list[Programme]


class Milestone(BaseModel):
    """One step of a programme."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    text: str
    when: str
    by: Day | None = Field(description="The last day it is promised for, where there is one.")
    services: list[str]


class Target(BaseModel):
    """What a measure is to reach by a day."""

    model_config = ConfigDict(from_attributes=True)

    by: Day | None
    value: float
    label: str
    baseline: bool = Field(description="Whether it is where the measure starts from.")


class Measure(BaseModel):
    """One number that a priority is judged by."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    name: str
    unit: str
    targets: list[Target]


class ProgrammeDetail(BaseModel):
    """A programme with the services it touches."""

    id: str
    kind: Literal["priority", "programme"]
    title: str
    summary: str
    status: str | None
    objectives: list[str]
    statements: list[str]
    services_derived: bool = Field(description="Whether some of the services are our inference, not the plan's words.")
    milestones: list[Milestone]
    measures: list[Measure]
    feedback_watch: list[str] = Field(description="What comments on it may sound like.")
    totals: Totals
    services: list[ServiceCount]


# Safety


class Review(BaseModel):
    """What a person decided about a flag, and where it was passed on."""

    outcome: ReviewOutcome
    note: str = Field(examples=["The ward manager has rung the family."])
    by: str = Field(examples=["A. Reviewer"])
    at: str = Field(examples=["2026-08-03T09:30:00+00:00"])
    route: str | None = Field(description="An id of data/routes.yml.", examples=["patient_safety_event"])
    reference: str | None = Field(description="The other system's number for it.", examples=["LFPSE-2026/0042"])


class Signal(BaseModel):
    """A flag: something that may not be able to wait, with the words it rests on. It waits until a person closes it."""

    id: str = Field(description="What to review it by.", examples=["c-5f0c1d2e3a4b5c6d:unsafe_environment"])
    comment: str
    citation: str
    kind: str
    severity: Literal["watch", "urgent"]
    score: Score
    start: Start
    end: End
    text: str
    by: By
    date: Day | None
    services: list[str]
    stored_at: str = Field(description="When the comment came in.", examples=["2026-08-01T12:00:00+00:00"])
    raised_at: str = Field(description="When it was first flagged.", examples=["2026-08-01T12:00:00+00:00"])
    due: datetime = Field(description="When a person should have decided: working days after it came in, by severity.")
    overdue: bool = Field(description="Whether that is past, for an open flag.")
    state: Literal["new", "reopened", "seen", "escalated", "received", "not_a_concern", "done"] = Field(
        description="new, or what was decided last; new, reopened and seen are open, escalated is passed on and not yet "
        "received there.",
        examples=["new"],
    )
    raised: bool = Field(
        description="Whether the present rules and models still say it; if not, it waits all the same."
    )
    review: Review | None = Field(description="The latest, or null: nothing closes itself.")


class Signals(BaseModel):
    """The safety queue: overdue urgent, urgent, overdue watch, watch, each from the longest waiting; then those passed
    on and not yet received, and other closed flags."""

    signals: list[Signal]
    after: str | None = Field(
        description="Ask with this for the next page; null at the end.",
        examples=["2026-08-04T09:00:00+00:00~1~2026-08-03T12:00:00+00:00~32~unsafe_environment"],
    )
    more: bool = Field(description="Whether there is a next page.")


class Route(BaseModel):
    """Where a flag may be passed on."""

    id: str = Field(examples=["complaint"])
    name: str = Field(examples=["Complaint (Patient Relations)"])
    use: str
    limit: str = Field(examples=["Acknowledge within 3 working days"])
    basis: Literal["retrieved", "recall", "local_choice"] = Field(
        description="How sure the limit is: read at its publisher, general knowledge to be checked, or our proposal."
    )


class SignalWithHistory(Signal):
    """A flag with every decision about it, the first one first."""

    history: list[Review]
    suggested_routes: list[Route] = Field(description="Best first, by kind and severity.")


class DigestCount(BaseModel):
    """Flags of one kind, severity or service: n = open + passed_on + closed = new + earlier, open = overdue + in_time."""

    id: str = Field(examples=["unsafe_environment"])
    title: str = Field(examples=["unsafe environment"])
    n: Count
    new: Count
    earlier: Count
    open: Count
    overdue: Count
    in_time: Count
    passed_on: Count
    closed: Count
    suppressed: Suppressed


class RouteCount(BaseModel):
    """Flags passed on by one route."""

    id: str = Field(examples=["complaint"])
    title: str
    n: Count
    suppressed: Suppressed


class DigestLine(BaseModel):
    """One flag of a digest, without words."""

    citation: str = Field(examples=["HW-2026-000032"])
    kind: str = Field(examples=["unsafe_environment"])
    severity: Literal["watch", "urgent"]
    services: list[str]
    state: Literal["new", "reopened", "seen", "escalated", "received", "not_a_concern", "done"]
    new: bool
    overdue: bool
    stored_at: str
    due: str
    decided_at: str | None
    route: str | None
    reference: str | None
    path: str = Field(description="Of its page.", examples=["/signals/HW-2026-000032/unsafe_environment"])


class BlindShare(BaseModel):
    """k of n comments read blind, with the exact (Clopper and Pearson) 95 % interval."""

    k: int = Field(examples=[2])
    n: int = Field(examples=[100])
    share: float = Field(examples=[0.02])
    lower: float = Field(examples=[0.002])
    upper: float = Field(examples=[0.07])


class Recall(BaseModel):
    """Of the comments that should be flagged, the share that is, with its 95 % interval."""

    share: float = Field(examples=[0.8])
    lower: float = Field(examples=[0.53])
    upper: float = Field(examples=[0.95])


class Missed(BaseModel):
    """What a blind reading says of what is not flagged."""

    sample: int
    drawn_at: str
    described: str = Field(examples=["All comments"])
    missed: BlindShare
    missed_urgent: BlindShare
    flagged_read: int
    recall: Recall | None
    urgent_recall: Recall | None
    unread: int
    current: bool = Field(description="Whether the comments are still read by the versions that it measured.")
    methods: list[str]


class Digest(BaseModel):
    """What came, waits, is late and was decided, without any words. Counts may be suppressed; so then is the list of flags."""

    since: Day
    at: str
    total: DigestCount
    by_kind: list[DigestCount]
    by_severity: list[DigestCount]
    by_service: list[DigestCount] = Field(
        description="In the order of the directory; a flag counts under each service of its comment."
    )
    passed_on: list[RouteCount]
    flags: list[DigestLine] = Field(description="None for one who may not read comments.")
    held: Annotated[int | None, Field(description="Comments held for translation, which nobody has read.")]
    held_overdue: Annotated[
        int | None, Field(description="Of those, how many wait for longer than an urgent flag may.")
    ]
    missed: Missed | None = Field(
        description="Null where no sample has been read blind, or the reader may not read comments."
    )
    suppressed: Suppressed


class ReviewToSave(BaseModel):
    """What a person says of a flag."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "outcome": "escalated",
                "by": "A. Reviewer",
                "route": "patient_safety_event",
                "reference": "LFPSE-2026/0042",
                "note": "Recorded today; the ward manager knows.",
            }
        },
    )

    outcome: ReviewOutcome = Field(
        description="seen: being dealt with, stays open. escalated: passed on. received: those it was passed on to have it, with a "
        "note. done, not_a_concern: closed, with a note. reopened: a closed one is opened again, with a note."
    )
    by: str | None = Field(
        None,
        max_length=100,
        description="Who decides, where the reader is not known; without it such a decision is signed local.",
        examples=["A. Reviewer"],
    )
    note: str = Field("", max_length=2_000, description="Why, or what was done. No names of patients; it is redacted.")
    why: str = Field("", max_length=2_000, description="The same as note, by the name that the command has for it.")
    route: str | None = Field(
        None, max_length=100, description="With escalated, where it was passed on: an id of data/routes.yml."
    )
    reference: str | None = Field(None, max_length=100, description="The other system's number: one word with a digit.")


# Batches


class Counts(BaseModel):
    """What became of a file's rows: rows = accepted_rows + empty + duplicates + already_stored_rows + rejects."""

    rows: int
    accepted: int = Field(description="Comments stored; a row with two answers gives two.")
    accepted_rows: int
    already_stored: int
    already_stored_rows: int
    empty: int
    contentless: int
    duplicates: int
    rejects: int
    warnings: int


class Notice(BaseModel):
    """A row that was not stored, or was stored with a field left blank; never a comment's words."""

    model_config = ConfigDict(from_attributes=True)

    row: int | None
    reason: str = Field(examples=["bad_date"])
    detail: str
    sheet: str | None = None


class Progress(BaseModel):
    """How far the reading has come; `of` is null until the file has been looked through."""

    rows: int
    of: int | None


class Links(BaseModel):
    """Where to go on."""

    self: str
    rejects: str = Field(description="The rows not stored, to mend and send again; as .xlsx too.")
    warnings: str = Field(description="The rows stored with a field left blank, to mend and send again; as .xlsx too.")


class FlagsWent(BaseModel):
    """How many safety flags of one kind and severity went although nobody had decided about them."""

    model_config = ConfigDict(from_attributes=True)

    kind: str = Field(examples=["complaint_intent"])
    severity: Literal["watch", "urgent"]
    n: int


class TakenBack(BaseModel):
    """The receipt of an upload that was taken back; `by` and `reason` are empty where nobody gave them."""

    model_config = ConfigDict(from_attributes=True)

    at: str
    by: str = Field(examples=["A. Manager"])
    reason: str = Field(description="Redacted.")
    comments: int
    flags: list[FlagsWent]


class Batch(BaseModel):
    """An upload, from its arrival to its end."""

    id: str = Field(
        description="Ask for it by this: an upload's id (u-…) or a batch's number.", examples=["u-3f9a0c11d2e4"]
    )
    batch: int | None = Field(
        description="The batch's number; null until its columns are understood, and where it failed."
    )
    file: str
    state: Literal["queued", "running", "finished", "failed", "rolled_back", "interrupted"] = Field(
        description="interrupted: not being read by this server; upload the file again and it goes on where it stopped."
    )
    received_at: str
    finished_at: str | None
    progress: Progress | None
    problem: str | None = Field(description="Why it failed: one sentence.")
    counts: Counts | None = Field(
        description="What the file came to when it was read; later erasures do not change it."
    )
    erased: int = Field(description="How many of the comments it brought have been erased since.")
    taken_back: TakenBack | None = Field(description="The receipt, where it was taken back.")
    links: Links


class BatchDetail(Batch):
    """An upload with how it was read and what was left out."""

    column_map: dict[str, Any]
    decisions: list[str] = Field(description="How the file was read, in sentences that can be checked.")
    rejects: list[Notice] = Field(description="The first 1,000; the CSV has all.")
    warnings: list[Notice] = Field(description="Rows stored with a field left blank: the first 1,000.")
    unresolved: list[Unresolved]
    versions: dict[str, str]


class Batches(BaseModel):
    """Uploads: those without a finished batch, then batches, newest first."""

    waiting: list[Batch] = Field(
        description="In the queue, being read, or failed since the server started; on the first page."
    )
    batches: list[Batch]
    after: str | None


class ColumnLook(BaseModel):
    """What was found under one heading, told without anybody's words."""

    model_config = ConfigDict(from_attributes=True)

    field: str
    heading: str
    filled: int
    seen: str = Field(examples=["from 2026-01-04 to 2026-03-30"])


class Preview(Counts):
    """What a file would come to; nothing was stored."""

    file: str
    headings: list[str] = Field(description="All headings of the main sheet, to choose others from.")
    column_map: dict[str, Any]
    columns: list[ColumnLook]
    decisions: list[str]
    asks: list[str] = Field(description="Those of the decisions that want your answer.")
    remembered_order: Literal["day", "month"] | None = Field(
        description="The order of day and month that was chosen for files with these headings, where it is asked whether it holds."
    )
    reject_list: list[Notice]
    warning_list: list[Notice]


class RolledBack(BaseModel):
    """A batch that has been taken back."""

    id: str
    removed: int = Field(description="Comments that went; those another batch also brought stay.")
    flags: list[FlagsWent] = Field(description="Safety flags that went although nobody had decided about them.")


# The service itself


class Health(BaseModel):
    """Whether it can answer."""

    status: Literal["ok"]
    pipeline: Literal["loading", "ready", "failed"]
    problem: str | None = Field(description="Why the pipeline cannot be used.")
    comments: int
    waiting: int = Field(description="Uploads in the queue or being read.")
    answers: str = Field(description="Whom it answers.")


class Version(BaseModel):
    """Versions of the program, the Trust's data, and what the stored comments were last analysed by."""

    feedback: str
    data: dict[str, str]
    stored: dict[str, str]


class Me(BaseModel):
    """Who asks."""

    name: str
    services: list[str] | None = Field(description="The services whose comments you may see; null for all.")
    may_read: bool = Field(description="Whether you may read comments, or only see figures.")
