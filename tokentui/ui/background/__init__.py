"""The threads beside the screen: reading, asking, watching, syncing. They post messages and never touch a widget."""
