"""The narrow way to the register for settlements: prepared statements over whole batches."""
