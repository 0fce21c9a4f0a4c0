"""The segmentation network that training fits and tracks runs: MinVIS, Mask2Former on single frames."""
