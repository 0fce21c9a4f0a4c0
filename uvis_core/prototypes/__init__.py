"""Stage prototypes: per-class K-Means centroids and every crop's similarity to its class."""
