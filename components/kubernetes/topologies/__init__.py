"""What is inside of a broker as objects of an operator's: one for each thing that the plan has in it, and for each right."""
