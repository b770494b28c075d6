"""What each department may be told of a person: agreements, their refusals, and the one function that cuts fields."""
