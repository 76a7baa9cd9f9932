"""Parcel shipping: five contexts whose code stays as it is while their deployables change over three years.

No context imports another one: each boots and is tested without the others' code. `samples.parcel_shipping.modules` puts
those together that one deployable hosts.
"""
