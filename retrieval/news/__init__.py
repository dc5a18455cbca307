"""What is new: changed articles, stories, the digest of a time, and what bears on a topic."""
