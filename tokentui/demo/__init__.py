"""A made-up agent run, written as real logs: what a newcomer without logs sees."""
