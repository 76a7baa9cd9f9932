"""A shop of four contexts: sales, catalog, fulfillment and billing, first as modules of one process, then each by itself.

No module imports another one; `samples.e_commerce.shop` puts those together that one deployable hosts.
"""
