"""The register in PostgreSQL: the cluster, the schema, the queries."""
