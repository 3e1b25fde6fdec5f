"""Staff pages at /console/. They talk; the rooms decide."""
