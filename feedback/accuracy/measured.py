"""What was counted of how often the reader is right, label by label, and what is too often wrong to be given a share.

The reader's hits and misses were counted on comments that people had labelled (evaluation/known_error.py) and lie beside its weights.
The comments were of other trusts: that the reader errs as often on ours is an assumption, and is said where a figure rests on it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from feedback.errors import BadModel

FILE = "known_error.json"
LEAST_SUPPORT = 15  # comments with the label, and found to have it; below, precision and recall are guesses


@dataclass(frozen=True, slots=True)
class Measured:
    """How one label was read in `comments` labelled ones: `right` of the `found`, and of those that `have` it."""

    right: int
    found: int
    have: int
    comments: int


@dataclass(frozen=True, slots=True)
class KnownError:
    """What was measured of one version of the reader, by label; `of` says on which comments. A sign behind a label is a side."""

    reader: str
    measured: str
    of: str
    labels: Mapping[str, Measured]


def load_known_error(models: Path) -> KnownError | None:
    """What is known of the shipped reader, from the folder of all models; None where nothing was measured. Raises BadModel."""
    path = models / "reader" / FILE
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        labels = {label: _measured(counts) for label, counts in record["labels"].items()}
        return KnownError(record["reader"], record["measured"], record["of"], labels)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadModel(
            f"{FILE} of the reader cannot be used ({type(error).__name__}); restore it from the repository, or run `make evaluate`."
        ) from None


def _measured(counts: Mapping[str, list[int]]) -> Measured:
    right, found = counts["precision"]
    again, have = counts["recall"]
    comments = counts["comments"]
    if (
        not isinstance(comments, int)
        or right != again
        or not 0 <= right <= min(found, have)
        or found + have - right > comments
    ):
        raise ValueError
    return Measured(right, found, have, comments)


def doubt(known: KnownError | None, label: str, reader: str | None) -> str:
    """Why no share is given of what was found under a label, for whoever lists it among others; "" where shares may stand.

    Where nothing at all is known of this reader, that is said once (`unmeasured`) and not of each label.
    """
    measured = known.labels.get(label) if known and reader == known.reader else None
    return in_the_test(measured) if measured and is_poor(measured) else ""


def in_the_test(measured: Measured) -> str:
    """What was counted, in words: "of 18 given in the test, 8 were right"."""
    return f"of {measured.found} given in the test, {measured.right} were right"


def is_poor(measured: Measured) -> bool:
    """Whether it was given too seldom for its precision to be known, or wrongly more often than rightly."""
    return measured.found < LEAST_SUPPORT or 2 * measured.right < measured.found
