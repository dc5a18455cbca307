"""Readers for the formats of agencies and archives."""
