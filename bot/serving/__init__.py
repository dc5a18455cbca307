"""The server: an API and a page for one archive, over HTTP."""
