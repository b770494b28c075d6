"""What whoever has a webhook does with it, the same in every service: pause, rotate, test, look at what was sent."""
