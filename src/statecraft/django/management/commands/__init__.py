"""``workflow_diagram``, ``workflow_stored``, ``workflow_rewrite``."""
