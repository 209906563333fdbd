"""Tests of the insurance door: the settlement process on a real register, and hospitals at it."""
