"""Minka: the open social security card system."""
