from uvis_core.config.docs import configuration_markdown


def test_page_is_what_the_settings_say(pytestconfig):
    page = (pytestconfig.rootpath / "docs/configuration.md").read_text()
    assert page == configuration_markdown(), "run: python scripts/write_configuration_docs.py"


def test_every_field_is_described():
    undescribed = [line for line in configuration_markdown().splitlines() if line.endswith("|  |")]
    assert undescribed == []
