"""The decision behind a context's boundary, written down from what its descriptor and the map say."""
