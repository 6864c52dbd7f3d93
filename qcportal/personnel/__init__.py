"""The portal's own people: invited, given roles, deactivated; who may do what."""
