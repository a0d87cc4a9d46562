"""The command `feedback`: the verbs of the flow. Data on stdout, progress on stderr, refusals as one sentence and exit 1."""

from feedback.cli import (
    actions,
    batches,
    corrections,
    documents,
    erasure,
    evidence,
    ledger,
    models,
    over_time,
    questions,
    services,
    serving,
    signals,
    strategies,
    subscriptions,
    topics,
    translations,
)
from feedback.cli.command import main

__all__ = [
    "actions",
    "batches",
    "corrections",
    "documents",
    "erasure",
    "evidence",
    "ledger",
    "main",
    "models",
    "over_time",
    "questions",
    "services",
    "serving",
    "signals",
    "strategies",
    "subscriptions",
    "topics",
    "translations",
]
