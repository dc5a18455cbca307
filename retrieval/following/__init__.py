"""Follows feeds, sitemaps and pages, so that news comes in by itself."""
