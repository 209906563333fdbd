"""Registers as files: a city's people, cards and agencies come in and go out."""
