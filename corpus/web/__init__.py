"""The web as Newsdesk asks it: slowly, openly, and never for what lies inside a network."""
