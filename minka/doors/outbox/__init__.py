"""Everything that leaves the house: bank stops, the hot list and messages to people."""
