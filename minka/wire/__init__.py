"""Messages as standards write them: ISO 8583 and the national insurance interface."""
