"""Answer quality: golden questions, figures, runs, and the gate behind `newsdesk eval`."""
