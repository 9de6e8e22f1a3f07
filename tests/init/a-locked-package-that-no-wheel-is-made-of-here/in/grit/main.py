"""Counts grit."""

import stones

if __name__ == "__main__":
    print(stones)
