def words(text):
    import folder_paths  # noqa: F401  # packs import at any time

    return len(text.split())
