"""Replace what could identify a person with a placeholder such as [PHONE]; in the order they are used:

spans (what is found, and how it is replaced) → patterns (numbers, addresses, dates of birth: Presidio) → names (lists and
the directory) → people (persons: rules, then spaCy) → roles (whose name it was) → redactor (all of it, on a batch).
"""

from feedback.redact.redactor import Redactor

__all__ = ["Redactor"]
