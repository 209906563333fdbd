"""House tests: the style of the house, kept by machine."""
