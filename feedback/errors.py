"""Refusals: each says in one sentence what is wrong, where, and what to do.

The command line prints the sentence and exits 1; the API maps the class to a status (api/problems.py).
A message may hold a row number, a heading, an id or a file name; never the text of a comment.
"""


class FeedbackError(Exception):
    """The root of the family; its message is meant for the person, as it stands."""


class BadFile(FeedbackError):
    """An upload that cannot be read; nothing of it was stored."""


class BadInput(FeedbackError):
    """A filter, option or request that does not make sense."""


class NotFound(FeedbackError):
    """An id that nothing has, or that the reader's scope does not reach."""


class Gone(NotFound):
    """An id that something had and that is no more: erased, or taken back with its upload."""


class BadData(FeedbackError):
    """A file of `data/` that does not fit; names the file, the id and the fix."""


class BadModel(FeedbackError):
    """A model that is missing, damaged, or does not fit its manifest or the data."""


class BadStore(FeedbackError):
    """A database that cannot be used: newer than this version, damaged, locked or full."""
