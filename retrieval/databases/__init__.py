"""Where tables are kept: SQLite files, or a PostgreSQL server."""
