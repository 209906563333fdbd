"""Published algorithms with meaning: sealing of personal fields now, keys and chip later."""
