"""What any programme needs and no office does: money, time, words, identifiers, outcomes."""
