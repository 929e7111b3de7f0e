"""The parts of an export: what objects are called in Git, which of them come, and what stands in their documents."""
