"""What is new in the archive, and for whom."""
