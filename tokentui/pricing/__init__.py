"""What a model costs on a day, and the exact price of a request."""
