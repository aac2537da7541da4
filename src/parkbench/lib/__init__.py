"""Pure building blocks that every room may use: ids, money, dates, tables, settings, errors."""
