"""Set-up of services, environments, demo and tests, with the standard library of the system's Python alone."""
