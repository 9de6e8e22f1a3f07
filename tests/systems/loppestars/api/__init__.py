"""The API behind the mobile app."""
