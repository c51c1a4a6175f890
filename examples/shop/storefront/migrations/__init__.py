"""The tables of the shop, as they came about."""
