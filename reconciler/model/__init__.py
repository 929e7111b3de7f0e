"""Values only: no input or output, no third party."""
