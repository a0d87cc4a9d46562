"""The command `feedback`: the verbs of the flow. Data on stdout, progress on stderr, refusals as one sentence and exit 1."""

from feedback.cli import (
    batches,
    corrections,
    documents,
    erasure,
    ledger,
    models,
    questions,
    services,
    serving,
    signals,
)
from feedback.cli.command import main

__all__ = [
    "batches",
    "corrections",
    "documents",
    "erasure",
    "ledger",
    "main",
    "models",
    "questions",
    "services",
    "serving",
    "signals",
]
