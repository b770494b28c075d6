"""Which health facility has the duty of care for an area; provisioned."""
