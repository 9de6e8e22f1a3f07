"""What the service knows about documents and terms; nothing here knows about HTTP."""
