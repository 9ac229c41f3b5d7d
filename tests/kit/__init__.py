"""What tests share: made-up logs, worlds, answers and clocks, and what drives the program."""
