"""Counts become a judged series, its picture and its icon; what moved, and who is told."""
