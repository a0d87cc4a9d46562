"""Strategies as versioned data: what findings mean under one adopted later, what bears on which part, old and new side by side."""
