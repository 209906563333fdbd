"""A replacement from application to activation: promise, fee, slip, collection."""
