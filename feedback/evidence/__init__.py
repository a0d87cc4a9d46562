"""The evidence on one part of the strategy: how much, for and against, whose words, how sure, and who is hardly or not heard."""
