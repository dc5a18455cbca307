"""Chat models over a network: calling them, their prices and costs, a cache of their replies."""
