"""OpenAI's embeddings, and a service on loopback that gives them."""
