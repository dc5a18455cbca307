"""Sentence encoders: the embedded one, any ONNX one from a folder, and OpenAI's."""
