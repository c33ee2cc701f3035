"""The DuckDB schema, its loads, its views, its published snapshot. Knows nothing of HTML."""
