"""Work the queue of comments that cannot wait, in the order in which people meet it:

holidays, due (by when) → routes (where to) → queue (what is open, and what people decide) → digest (a list without words) →
blind (how many are missed).
"""
