"""Wizards for Django: flows of small actions, with branches, loops and a login in the middle."""
