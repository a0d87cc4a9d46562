"""A file into the store, and the rows that go back to be mended."""
