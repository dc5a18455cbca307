"""The check of a sentence where no model judges: words, vectors and rules."""
