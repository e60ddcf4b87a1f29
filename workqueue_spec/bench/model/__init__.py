"""The model at work: steps on a real queue that are compared with the model, and the search for steps that differ."""
