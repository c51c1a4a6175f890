"""Tags for templates: ``{% load statecraft %}``."""
