"""What every mask shows: CLIP embeddings of the box crops, compared with the prompts of a vocabulary."""
