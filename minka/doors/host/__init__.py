"""The host door: card terminals (POS) that speak ISO 8583 over TCP."""
