"""What pipelines need besides `plat`: one comment on a change, and the report that was agreed to."""
