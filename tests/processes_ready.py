"""What the processes that tests kill are forks of: the shipped pipeline, loaded and used once. Imported by that process alone."""

from functools import cache

import click.testing  # noqa: F401  # what tests import, each process would import anew
import hypothesis  # noqa: F401
import pytest  # noqa: F401

import feedback.pipeline
from feedback.cli import main  # noqa: F401
from feedback.comment import RawComment
from feedback.pipeline import Pipeline
from feedback.store import open_store

# What is loaded only when a text calls for it is loaded here as well.
SAID = (
    "Kind staff.",
    "Nobody rang back",
    "Ring Joanna Example on 07700 900123",
    "Bardzo dziękuję za opiekę.",
    "N/A",
    "",
)
_load = feedback.pipeline.load_pipeline


@cache
def shipped() -> Pipeline:
    pipeline = _load()
    list(pipeline.analyse([RawComment(said) for said in SAID]))
    return pipeline


feedback.pipeline.load_pipeline = lambda *_: shipped()
shipped()
open_store(":memory:").close()  # what opens a database takes a second to load
