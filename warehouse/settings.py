"""What every session with DuckDB sets."""

SESSION = "SET TimeZone = 'Asia/Ho_Chi_Minh'; SET enable_progress_bar = false"
