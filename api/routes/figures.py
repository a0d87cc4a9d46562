"""Answer with figures under any filters: themes, how something moves."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from api import hidden, schemas
from api.deps import Asked, Question
from feedback.accuracy.doubted import doubt_of_asked
from feedback.filters import describe
from feedback.over_time.chart import trend_chart
from feedback.over_time.spc import ChartChoice
from feedback.over_time.trend import asked_trend
from feedback.query import Period, theme_table, totals

router = APIRouter(tags=["figures"])

MeasureAsked = Annotated[
    Literal["negative", "positive", "mean", "fft_positive", "rate", "rate_positive", "rate_negative"],
    Query(
        description="The share of comments that are negative or positive; the mean of the five-point scale; the share of good "
        "Friends and Family answers; the share that speaks of the theme, value, objective or statement asked for."
    ),
]
PeriodAsked = Annotated[Period, Query(description="What a point stands for.")]
ChartAsked = Annotated[ChartChoice, Query(description="The kind of control chart; auto chooses by the counts.")]
AsVega = Annotated[
    Literal["vega"] | None, Query(alias="as", description="vega adds the chart as a Vega-Lite specification.")
]


@router.get("/themes", response_model=schemas.Themes)
def themes(asked: Asked) -> dict[str, Any]:
    """List what people speak of, most frequent first, and how they speak of it."""
    may_read = asked.reader.may_read
    return {
        "read": hidden.totals(totals(*asked.asked), may_read=may_read)["read"],
        "themes": hidden.rows(theme_table(*asked.asked), may_read=may_read, also=("share",)),
    }


@router.get("/trend", response_model=schemas.Trend)
def trend(
    asked: Asked,
    measure: MeasureAsked = "negative",
    period: PeriodAsked = "month",
    chart: ChartAsked = "auto",
    form: AsVega = None,
) -> dict[str, Any]:
    """Judge how a share or mean moves: points, limits, signals, and one sentence."""
    return judged(asked, measure, period, chart, form)


def judged(asked: Question, measure: str, period: Period, chart: ChartChoice, form: str | None) -> dict[str, Any]:
    """A trend as the API shows it."""
    found = asked_trend(*asked.asked, measure=measure, period=period, chart=chart, may_read=asked.reader.may_read)
    vega = trend_chart(found, describe(asked.taxonomy, asked.filters)) if form == "vega" else None
    doubt = doubt_of_asked(asked.conn, asked.taxonomy, asked.filters, measure)
    return found.as_dict() | {"vega": vega, "doubt": doubt}
