"""Pages of the self-service terminal: tap the ID card, check, confirm, take the slip."""
