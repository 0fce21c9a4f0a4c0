"""Self-supervised vision transformers, shared by the stages masks and crops."""
