"""Sample services: small real programs that stand in for the deployables of the example landscapes.

They know Plat only by the variables that every deployable gets (`samples/README.md`), and import nothing of it.
"""
