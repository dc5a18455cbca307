"""From passages to an answer: evidence, abstention, the answerers."""
