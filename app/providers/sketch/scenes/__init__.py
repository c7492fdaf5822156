"""One module per scene; each has `compose(brief) -> Painter`, found by name from the vocabulary's row."""
