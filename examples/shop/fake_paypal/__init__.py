"""A provider of payments that takes no money."""
