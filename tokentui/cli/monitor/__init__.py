"""`tokentui [DIR…]`, and what the app is wired to: the watch, budgets and syncing as the monitor uses them."""
