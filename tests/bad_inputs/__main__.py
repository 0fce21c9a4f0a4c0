"""Write the page of all bad inputs."""

from tests.bad_inputs.page import PAGE, page_text

PAGE.write_text(page_text(), encoding="utf-8")
