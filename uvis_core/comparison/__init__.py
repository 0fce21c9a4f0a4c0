"""Tables that compare experiments, beside the published figures."""
