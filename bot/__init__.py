"""The front ends, and the only place that reads the environment or builds clients."""
