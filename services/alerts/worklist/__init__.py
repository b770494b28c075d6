"""The worklist of a facility: open help, each with its reason and the rule it rests on."""
