"""The lights that Django stores: one module for each way of writing them."""
