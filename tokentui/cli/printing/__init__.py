"""How answers are printed: tables for people, JSON and CSV for programs."""
