"""A file becomes RawComments and an outcome for each row: `plan_file` decides how, `read_rows` reads.

In the order a file meets them: `tables` (what kind of file), `delimited`, `records`, `sheets` and `workbook` (rows of
`cells`), `headings`, `columns`, `dates` and `ratings` (what is where), `survey` (the evidence of a sheet), `plan`, `rows`.
"""

from feedback.read.cells import Problem, Reason
from feedback.read.plan import FIELDS, Plan, plan_file
from feedback.read.rows import RowOutcome, read_rows

__all__ = ["FIELDS", "Plan", "Problem", "Reason", "RowOutcome", "plan_file", "read_rows"]
