"""The archive on disk: articles in SQLite, their vectors in Chroma, and what fills both."""
