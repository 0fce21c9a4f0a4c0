"""Training samples made of single images: clips (ImageCut2Video of VideoCutLER), and images at random scales."""
