"""What every page shares: language, type size, theme, access, forms, refusals, paging. Decides nothing about money."""
