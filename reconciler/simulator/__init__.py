"""The embedded simulator: the API document made to run, written from the document alone (nothing of our client)."""
