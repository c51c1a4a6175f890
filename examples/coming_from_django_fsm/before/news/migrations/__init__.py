"""The migrations of the articles."""
