"""What every key does, where, and what it is called; and what is wrong with those that the user chose."""
