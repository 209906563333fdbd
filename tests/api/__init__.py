"""Tests of the JSON API, on a real register."""
