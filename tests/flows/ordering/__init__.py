"""An app whose rows show how often something was done."""
