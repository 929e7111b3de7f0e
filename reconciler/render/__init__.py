"""Values to text: pure functions, nothing is read, printed or decided here."""
