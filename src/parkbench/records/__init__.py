"""Records: sections, the sharing gate, audiences, journals, visibility."""
