"""How contexts, teams, services and databases are aligned: one row per context, with the reason in a sentence or two."""
