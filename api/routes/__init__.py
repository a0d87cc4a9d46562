"""The addresses of the API, a module for each part of the contract; each has a `router` that app.py puts under /api/v1."""
