"""One file per outside system: each adapter speaks one protocol and returns the port's own types."""
