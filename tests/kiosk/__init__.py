"""Tests of the self-service terminal on a real register."""
