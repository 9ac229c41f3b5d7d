"""What the user may set: the settings that ship, the file, its checks, and changes to it."""
