"""Read patient and carer comments: services, themes, sentiment, values, objectives, signals, over time.

In the order a comment meets them: read → clean → redact → segment → encode → tag → pipeline → store → query → trend, cite → report.
"""

__version__ = "0.13.0"
