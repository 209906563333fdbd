"""The register card: its life, the blocks on it, and its standing at any instant."""
