"""The web door: pages rendered on the server, which work without JavaScript."""
