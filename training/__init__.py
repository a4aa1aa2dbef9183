"""How a model is learned: history in, scorecard out, judged honestly. The only room that imports scikit-learn."""
