"""The archive on disk: articles in SQLite, their vectors in Chroma, and the code for both."""
