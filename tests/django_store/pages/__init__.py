"""The app in which the models of the docs are."""
