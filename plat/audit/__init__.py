"""`plat audit`: what there is that the landscape does not grant, in the states of its stacks and on its servers."""
