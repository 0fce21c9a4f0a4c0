"""A trained model on new videos in one process, without a workflow."""
