"""discover -> fetch -> archive. Knows nothing of NLP or DuckDB."""
