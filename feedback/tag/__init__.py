"""What makes findings, a module for each kind: service, respondent, theme, sentiment, strategy, signal; and experience, which stores none."""
