"""Reading logs into the store: catching up once, or following them for as long as the program runs."""
