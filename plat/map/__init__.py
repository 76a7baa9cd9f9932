"""The context map as a picture: a pure model made from the landscape, then one renderer per format."""
