"""Whole histories, every one of them or many by chance: sequences and simulated worlds."""
