"""The parts of apply: one step's life, what each action sends, and the graph that runs them side by side."""
