"""The register in PostgreSQL: schema, stored functions, named queries, requests, outbox, audit."""
