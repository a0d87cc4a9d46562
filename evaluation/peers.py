"""Other ways to do it, measured in the same run on the same comments: what a system must beat to be worth its weight.

VADER and TextBlob are word lists for sentiment. The two tf-idf models stand for what the open NHS England system
(The Strategy Unit's pxtextmining) ships as its support vector configuration, and for a linear model tuned as ours is.
"""

from collections.abc import Sequence

import numpy as np

from feedback.training.labelled import Example


def vader(texts: Sequence[str]) -> list[int]:
    """Three-point sentiment by VADER's compound score, cut at its authors' +-0.05: 0 positive, 1 neutral, 2 negative."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    analyser = SentimentIntensityAnalyzer()
    return [_three(analyser.polarity_scores(text)["compound"], 0.05) for text in texts]


def textblob(texts: Sequence[str]) -> list[int]:
    """Three-point sentiment by TextBlob's polarity, cut at +-0.05."""
    from textblob import TextBlob

    return [_three(TextBlob(text).sentiment.polarity, 0.05) for text in texts]


def _three(score: float, cut: float) -> int:
    return 0 if score > cut else 2 if score < -cut else 1


def linear_themes(
    train: Sequence[Example], test: Sequence[Example], labels: Sequence[str], *, support_vector: bool
) -> list[set[str]]:
    """Themes by tf-idf of words and one linear model per label; the question kind is a word of its own.

    `support_vector`: one support vector machine per label as it predicts, else logistic regression cut at 0.6 (classes balanced).
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.svm import LinearSVC

    def words(examples: Sequence[Example]) -> list[str]:
        return [f"asked_{e.kind} {e.text}" for e in examples]

    vectoriser = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, strip_accents="unicode")
    x = vectoriser.fit_transform(words(train))
    y = np.array([[label in (e.themes or ()) for label in labels] for e in train])
    used = np.asarray(y.any(axis=0))
    model = OneVsRestClassifier(
        LinearSVC(C=1.0) if support_vector else LogisticRegression(C=10, class_weight="balanced")
    )
    model.fit(x, y[:, used].astype(int))
    unseen = vectoriser.transform(words(test))
    given = model.predict(unseen).astype(bool) if support_vector else model.predict_proba(unseen) >= 0.6
    names = [label for label, u in zip(labels, used.tolist(), strict=True) if u]
    return [{n for n, g in zip(names, row, strict=True) if g} for row in given]


def linear_sentiment(train: Sequence[Example], test: Sequence[Example]) -> list[int]:
    """Five-point sentiment by tf-idf and logistic regression: 1 very positive … 5 very negative."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True), LogisticRegression(C=10, max_iter=2000)
    )
    model.fit([f"asked_{e.kind} {e.text}" for e in train], [e.sentiment for e in train])
    return [int(s) for s in model.predict([f"asked_{e.kind} {e.text}" for e in test])]
