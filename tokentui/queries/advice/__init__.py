"""Where money could be saved: facts only, as a range, with the reckoning."""
