"""The user's settings: those that ship, the file that changes them, its checks, and edits to the file."""
