"""From three inventories to the parts of a plan: pure functions over values, no input or output."""
