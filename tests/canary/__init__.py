"""Planted keys, numbers and names, looked for wherever a running city leaves bytes (P13)."""
