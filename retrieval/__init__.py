"""One question in, one cited answer out; knows neither Telegram nor terminals."""
