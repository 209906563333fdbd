"""Insured persons, what proves who they are, and who may act for them."""
