"""J, F and J&F of DAVIS."""
