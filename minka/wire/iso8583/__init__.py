"""ISO 8583 messages between terminals and the switch, compiled from a dialect given as data."""
