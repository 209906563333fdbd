"""Tests of the room of care: what a bill costs whom, to the fen."""
