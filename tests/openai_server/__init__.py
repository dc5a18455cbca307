"""A chat model service on loopback that speaks OpenAI's protocol, and misbehaves on request."""
