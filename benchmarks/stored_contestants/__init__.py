"""The lights that are stored and switched: one module for each way of writing them."""
