"""Machines beside the server: card readers and key vaults, each behind the port it implements."""
