"""The national medical insurance interface: its fields as data, checking, answers, gateway."""
