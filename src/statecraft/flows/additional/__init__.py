"""What goes with other packages: each module needs its own."""
