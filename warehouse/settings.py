"""What every session with DuckDB sets."""

#: Beyond this much memory DuckDB goes on with files beside the database.
SESSION = "SET TimeZone = 'Asia/Ho_Chi_Minh'; SET enable_progress_bar = false; SET memory_limit = '1200MB'"
