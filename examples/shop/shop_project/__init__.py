"""The shop as a project of Django."""
