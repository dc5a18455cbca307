"""Chat models behind a network: how they are called, what they cost, what they replied."""
