"""The woman's own page: a slip with a code leads to her own episode, and to nothing else."""
