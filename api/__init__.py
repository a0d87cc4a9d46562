"""Where what was found is seen: the HTTP API and the pages, over feedback/; nothing there imports this."""
