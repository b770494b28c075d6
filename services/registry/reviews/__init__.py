"""What a machine may not decide: reviews of who is one person, and the decisions that stand for ever after."""
