"""Which facility serves which area and who works there, with dates; and how whoever may no longer is shut out."""
