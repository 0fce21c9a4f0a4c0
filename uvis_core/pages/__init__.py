"""What the project's HTML pages have in common: filling templates, formats of numbers, the style sheet."""
