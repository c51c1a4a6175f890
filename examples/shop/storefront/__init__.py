"""What is sold, who buys it, and how: the app of the shop."""
