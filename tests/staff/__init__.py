"""Tests of the staff pages on a real register."""
