"""The acts: one function is one business act is one transaction."""
