"""Settings of every stage, one module per stage; ``root`` joins them into the configuration."""
