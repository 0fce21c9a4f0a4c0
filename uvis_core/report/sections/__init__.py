"""The sections of the page, a module each: what its template of the same name shows."""
