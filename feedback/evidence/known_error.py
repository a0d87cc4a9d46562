"""Allow for how often the reader is wrong: what share of comments truly bear on something, given the share that was found to.

The reader's hits and misses were counted on comments that people had labelled (accuracy/measured.py).
A found share q becomes (q - a) / (h - a), where h is how often a comment with the label is found to have it and a how often one
without is (Rogan and Gladen, American Journal of Epidemiology 107, 1978); unlike found times precision over recall, which it equals
where the label is as frequent as among those comments, it holds where it is not. What is known of h, a and q is uncertain, so all
three are drawn many times and the interval is that of the results. The comments were of other trusts: that the reader errs as often
on ours is an assumption, and is said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from feedback.accuracy.measured import FILE as FILE  # stood here first
from feedback.accuracy.measured import LEAST_SUPPORT, KnownError, Measured, in_the_test, is_poor

DRAWS = 4_000
NOT_COUNTED_ON = "As read, since how often the reader is wrong was counted on all kinds of comments together and not on these alone: {}."
OTHER_SIDE = "As read, since how often the reader is wrong is not known well enough for both sides."
LEVEL = 0.95
PRIOR = 0.5  # Jeffreys: half a hit and half a miss are added to what was counted


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share from 0 to 1 that allows for known error, with its 95 % interval."""

    share: float
    lower: float
    upper: float

    @property
    def in_words(self) -> str:
        """As it is read: "18% (15% to 22%)"."""
        return f"{self.share:.0%} ({self.lower:.0%} to {self.upper:.0%})"


@dataclass(frozen=True, slots=True)
class Adjusted:
    """One figure as found, and as it is when misreading is allowed for: `found` of `read` comments. `estimate` is None where it is withheld.

    `what` says what is counted ("bears on it"), `label` under which it was measured, `sentence` the same to a reader, with the
    reason where it is withheld. `precision` and `recall` are those measured, 0 to 1, None where nothing was. `made_of` says of which
    counts `found` is the sum ("26 for and 4 both"), empty where it is one count; `labelled`: the labelled comments that have it.
    """

    what: str
    label: str
    found: int
    read: int
    precision: float | None
    recall: float | None
    estimate: Estimate | None
    sentence: str
    made_of: str = ""
    labelled: int | None = None


def estimate(found: int, read: int, measured: Measured) -> Estimate:
    """The share of `read` comments that truly have a label which was `found` in so many; seeded, so that it is always the same.

    The best estimate is the median of what was drawn. `found` may not be more than `read`, which is above 0.
    """
    import numpy as np

    true = drawn(found, read, measured)
    lower, middle, upper = (float(v) for v in np.quantile(true, ((1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2)))
    return Estimate(middle, lower, upper)


def drawn(found: int, read: int, measured: Measured, *, seed: int = 0):  # type: ignore[no-untyped-def]  # ndarray of shape (DRAWS,)
    """What the share may be, so many times; another seed gives draws that do not go with those of the first."""
    import numpy as np

    draw = np.random.default_rng(seed)

    def share_of(k: int, n: int):  # type: ignore[no-untyped-def]  # ndarray of shape (DRAWS,)
        return draw.beta(k + PRIOR, n - k + PRIOR, DRAWS)

    hit = share_of(measured.right, measured.have)
    alarm = share_of(measured.found - measured.right, measured.comments - measured.have)
    seen = share_of(found, read)
    # A reader that finds no more among those that have it than among the others says nothing.
    tells = hit - alarm
    return np.where(tells > 0.01, (seen - alarm) / np.maximum(tells, 0.01), draw.random(DRAWS)).clip(0, 1)


def adjust(
    what: str,
    label: str,
    found: int,
    read: int,
    known: KnownError | None,
    reader: str | None,
    *,
    made_of: str = "",
    narrowed: str = "",
) -> Adjusted | None:
    """The figure beside what it comes to when misreading is allowed for; `reader` is the version that read the comments.

    `narrowed` names the kind of comments that were chosen, on which alone no error was counted; "" where none. None where nothing was read.
    """
    if not read:
        return None
    measured = known.labels.get(label) if known else None
    why = _withheld(known, measured, reader) or (narrowed and NOT_COUNTED_ON.format(narrowed))
    if why or measured is None or known is None:
        return Adjusted(what, label, found, read, None, None, None, why, made_of, measured.have if measured else None)
    found = min(found, read)
    bare = Adjusted(
        what,
        label,
        found,
        read,
        measured.right / measured.found,
        measured.right / measured.have,
        None,
        "",
        made_of,
        measured.have,
    )
    return with_estimate(bare, estimate(found, read, measured))


def with_estimate(one: Adjusted, allowing: Estimate) -> Adjusted:
    """A figure of known precision with an estimate, and the sentence that says it."""
    those = f", {one.made_of}" if one.made_of else ""
    sentence = (
        f"allowing for misreading {allowing.in_words} of {one.read:,} comments read; as read {one.found:,} ({one.found / one.read:.0%}{those}). "
        f"How often the reader is wrong was counted on {one.labelled or 0:,} labelled comments that have it."
    )
    return replace(one, estimate=allowing, sentence=sentence)


def unmeasured(known: KnownError | None, labels: Mapping[str, str], reader: str | None) -> str:
    """Of which labels (id to name) the reader's errors are known too poorly to be allowed for, and why; "" where of none.

    A table that gives these a share beside the others says so with this sentence.
    """
    if known is None or reader != known.reader:
        return _withheld(known, None, reader)
    measured = {name: known.labels[id] for id, name in labels.items() if id in known.labels}
    few = {name: one for name, one in measured.items() if _is_few(one) or is_poor(one)}
    if not few:
        return ""
    named = "; ".join(f"{name}: {in_the_test(one)}" for name, one in few.items())
    return f"The reader is unsure of {named}. No share is given for what is wrong more often than right or was seen too seldom: read the comments."


def _is_few(measured: Measured) -> bool:
    return min(measured.found, measured.have) < LEAST_SUPPORT


def _withheld(known: KnownError | None, measured: Measured | None, reader: str | None) -> str:
    """Why there is no estimate; empty where there is one."""
    if known is None:
        return "How often the reader is wrong has not been measured, so nothing is allowed for."
    if reader != known.reader:
        return (
            f"The comments were read with version {reader or 'unknown'} of the reader and its errors are known for {known.reader}, so nothing "
            "is allowed for."
        )
    if measured is None:
        return "How often the reader is right about this has not been measured, so nothing is allowed for."
    if _is_few(measured):
        return (
            f"As read: {in_the_test(measured)}, and {measured.have} have it; {LEAST_SUPPORT} of each "
            "are needed before misreading can be allowed for."
        )
    if is_poor(measured):
        return f"As read: {in_the_test(measured)}; of what is wrong more often than right no share is given."
    return ""
