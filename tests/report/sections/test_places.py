from uvis_core.report.sections.places import Place, facts, folder_of


def test_tables_of_several_shards_are_named_by_their_folder() -> None:
    assert folder_of(["r/tracks/a.parquet", "r/tracks/b.parquet"]) == "r/tracks/"
    assert folder_of(["r/tracks/a.parquet"]) == "r/tracks/a.parquet"


def test_only_what_there_is_is_named() -> None:
    found = facts(
        {"tracks": ["r/t/a.parquet", "r/t/b.parquet"], "crops": []},
        {"model": "r/m.safetensors", "truth": None},
        {"uvis": "r/uvis.json"},
        ["r/exports/ytvis"],
    )
    assert found["table_places"] == [Place("tracks", "r/t/")]
    assert found["places"] == [
        Place("tracks", "r/t/"),
        Place("model", "r/m.safetensors"),
        Place("figures of uvis", "r/uvis.json"),
    ]
    assert found["exports"] == [Place("ytvis", "r/exports/ytvis/")]
