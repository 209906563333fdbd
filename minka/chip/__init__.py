"""The chip of the card: its files and records, commands, status words and secure messaging."""
