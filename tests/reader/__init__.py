"""The reader service: driver functions, dialects, the service itself and the C library."""
