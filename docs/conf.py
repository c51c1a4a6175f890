"""How Sphinx builds the documentation; a warning is an error."""

from __future__ import annotations

from importlib import metadata

from django.conf import settings

settings.configure()  # autodoc imports the store for Django

project = "statecraft"
author = "The statecraft authors"
project_copyright = "The statecraft authors"
version = release = metadata.version("statecraft-fsm")

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["_build"]
myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the signatures are long enough; typing.md says what checkers know

html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["wrap.css"]
html_title = "statecraft"
html_copy_source = False
html_show_sphinx = False
