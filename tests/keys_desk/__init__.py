"""Keys in the register: acts of two people, ceremonies, use, the command line and the pages."""
