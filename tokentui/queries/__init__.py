"""Every question to the store, answered as frozen results that the screens and `--json` share."""
