"""Other ways to do it, measured in the same run on the same comments: what a system must beat to be worth its weight.

VADER and TextBlob are word lists for sentiment; tf-idf with logistic regression is what a day's work would give. What the open NHS
system does takes longer to learn and is measured apart (open_system.py).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedback.training.labelled import Example


def vader(texts: Sequence[str]) -> list[int]:
    """Three-point sentiment by VADER's compound score, cut at its authors' +-0.05: -1 positive, 0 neutral, 1 negative."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    return [_three(analyser.polarity_scores(text)["compound"], 0.05) for text in texts]


def textblob(texts: Sequence[str]) -> list[int]:
    """Three-point sentiment by TextBlob's polarity, cut at +-0.05."""
    from textblob import TextBlob

    return [_three(TextBlob(text).sentiment.polarity, 0.05) for text in texts]


def _three(score: float, cut: float) -> int:
    return (score < -cut) - (score > cut)


def tfidf(train: Sequence[Example], *others: Sequence[Example]) -> list[Any]:
    """Words and pairs of words as weights, learnt from the first; the question kind is a word of its own. A sparse matrix for each."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = [[f"asked_{e.kind} {e.text}" for e in some] for some in (train, *others)]
    vectoriser = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, strip_accents="unicode").fit(words[0])
    return [vectoriser.transform(some) for some in words]


def has_themes(examples: Sequence[Example], labels: Sequence[str]) -> NDArray[np.bool_]:
    """Which theme stands on which comment: ndarray of shape (n_examples, n_labels)."""
    return np.array([[label in (e.themes or ()) for label in labels] for e in examples])


def linear_themes(train: Sequence[Example], test: Sequence[Example], labels: Sequence[str]) -> list[set[str]]:
    """Themes by tf-idf and one logistic regression for each, classes balanced, cut at 0.6."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier

    x, unseen = tfidf(train, test)
    gold = has_themes(train, labels)
    used = np.flatnonzero(gold.any(axis=0))
    model = OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced")).fit(x, gold[:, used].astype(int))
    return [{labels[used[i]] for i in np.flatnonzero(row)} for row in model.predict_proba(unseen) >= 0.6]


def linear_sentiment(train: Sequence[Example], test: Sequence[Example]) -> list[int]:
    """Five-point sentiment by tf-idf and logistic regression: 1 very positive … 5 very negative."""
    from sklearn.linear_model import LogisticRegression

    x, unseen = tfidf(train, test)
    model = LogisticRegression(C=10, max_iter=2000).fit(x, [e.sentiment for e in train])
    return [int(s) for s in model.predict(unseen)]
