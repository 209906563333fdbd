"""Tests of the acts, on a real register."""
