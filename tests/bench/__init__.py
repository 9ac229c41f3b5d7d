"""How fast and how light the whole program is: `python -m tests.bench`. Run by hand, never as a test."""
