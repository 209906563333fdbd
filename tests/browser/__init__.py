"""Browser tests: pages as people meet them, in Chromium against a running server."""
