"""Replace what could identify a person with a placeholder such as [PHONE]; in the order they are used:

spans (what is found, and how it is replaced) → forms, quantities, addresses, recognizers, patterns (numbers, addresses, dates of birth: Presidio) → names (lists and
the directory) → reading, features (what stands beside a word) → verdict (one word, by rules) → people (whole names: rules, then the trained guard; other_languages in sentences that are not English) → roles (whose name it was) → redactor (all of it, on a batch) → beside (file names, headings, ids).
"""

from feedback.redact.redactor import Redactor

__all__ = ["Redactor"]
