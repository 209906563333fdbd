"""Pages for the holder: report a card lost, follow the case, find a place, read the rules."""
