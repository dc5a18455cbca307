"""What is new: changed articles, stories, and the digest of a time."""
