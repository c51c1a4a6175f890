"""A state is renamed while its application runs: ``python -m benchmarks.renaming`` tries it out."""
