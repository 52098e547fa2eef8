"""What the parties and staff do with deals and contracts. Import a service from its module."""
