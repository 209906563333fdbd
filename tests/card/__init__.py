"""The virtual card, the virtual PSAM, and their way into the real pcscd."""
