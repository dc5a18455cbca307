"""Articles: what one is, how files become them, how their text is cleaned."""
