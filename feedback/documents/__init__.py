"""Documents for a meeting: what stands in them (packs), written as Word, HTML, Markdown or data, and checked again later."""
