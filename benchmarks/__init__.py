"""Speed and accuracy, each as a command that anybody can repeat: `make bench`, `make bench-accuracy`."""
