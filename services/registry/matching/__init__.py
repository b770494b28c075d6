"""New people, and people who are described otherwise than before, compared with those who may be the same."""
