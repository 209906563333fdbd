"""The lane of visits against the act that does one message by itself."""
