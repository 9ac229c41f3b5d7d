"""Everything that is drawn; the only part that imports Textual."""
