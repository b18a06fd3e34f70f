"""Near-memory processing unit: counts to results, column by column, in fixed point."""
