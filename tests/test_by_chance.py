"""What a page reckons without the large libraries is what these reckon."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control, fisher_exact
from sklearn.feature_extraction.text import TfidfVectorizer

from feedback.evidence.by_chance import by_chance
from feedback.quoting import _likeness

GROUP = st.tuples(st.integers(0, 400), st.integers(0, 4_000))


@given(st.lists(st.tuples(GROUP, GROUP), min_size=1, max_size=12))
def test_chances_are_those_of_scipy(pairs: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    theirs = false_discovery_control([fisher_exact([one, other])[1] for one, other in pairs], method="bh")
    assert by_chance(pairs) == pytest.approx(list(theirs), rel=1e-6, abs=1e-12)


def test_of_no_pairs_nothing_is_said() -> None:
    assert by_chance([]) == []


TEXTS = [
    "The nurses were so kind, and the nurses were patient with me.",
    "Kind nurses; I'd go back.",
    "We waited three hours for the nurses.",
    "Waited and waited - nobody rang. Café closed, naïve of me!",
    "The and of it was.",  # nothing but words that say nothing
    "",
    "Kind nurses; I'd go back.",
]


def test_likeness_is_that_of_scikit_learn() -> None:
    vectors = TfidfVectorizer(stop_words="english", sublinear_tf=True).fit_transform(TEXTS)
    assert np.allclose(_likeness(TEXTS), (vectors @ vectors.T).toarray(), rtol=0, atol=1e-12)


def test_words_that_say_nothing_and_too_few_texts_have_no_likeness() -> None:
    assert _likeness(["The and of it", "was", "a"]) is None
    assert _likeness(["Kind nurses", "Long waits"]) is None


def test_choosing_words_and_telling_chance_load_no_large_library() -> None:
    said = (
        "import sys; from feedback.quoting import _likeness; from feedback.evidence.by_chance import by_chance;"
        "_likeness(['Kind nurses', 'Long waits', 'Kind words']); by_chance([((3, 4), (5, 6))]);"
        "print(sorted({'sklearn', 'scipy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
