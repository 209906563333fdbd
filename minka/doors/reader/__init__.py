"""The local card-reader service: what national drivers and browser bridges answer, on loopback."""
