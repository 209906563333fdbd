"""Key management: the hierarchy, key blocks, lifecycle, ceremonies, and the port to a vault."""
