"""Pages for people: /department for each department's own work, /overview for administrators."""
