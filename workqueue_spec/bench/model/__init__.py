"""The model at work: steps on a real queue, compared with the model, and the search for steps that differ."""
