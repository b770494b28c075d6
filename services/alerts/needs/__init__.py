"""Episodes that need a look though no contact is due: what a worklist does not show."""
