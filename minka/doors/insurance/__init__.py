"""The platform's side of the national medical-insurance interface, in the settlement process."""
