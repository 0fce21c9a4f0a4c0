"""The segmentation network that training fits and tracks runs: MinVIS, that is Mask2Former on single frames."""
