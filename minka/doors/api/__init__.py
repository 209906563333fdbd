"""The JSON API: every act as one POST, every refusal as one problem, described by OpenAPI 3.1."""
