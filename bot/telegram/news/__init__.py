"""Messages that nobody asked for just now: news on topics, digests and corrections."""
