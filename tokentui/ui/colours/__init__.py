"""The colours of text, marks and charts: readable and told apart on every theme and in every terminal."""
