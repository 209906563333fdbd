"""Settlements on lanes and the real register."""
