"""Registers that come in as files and go out again."""
