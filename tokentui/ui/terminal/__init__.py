"""The terminal itself: the driver that reads keys from it and writes pictures to it."""
