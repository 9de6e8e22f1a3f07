"""It digs."""

print("earth")
