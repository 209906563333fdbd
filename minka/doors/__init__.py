"""Everyone who comes in or is called out: web, API, command line, timers and outbox."""
