"""Job runners: in this process, or in worker processes."""
