"""Care contacts: today one kind, help with birth registration for mothers who asked for it at certification."""
