"""Files that are there whole or not at all, wherever a run is interrupted."""

__all__ = ["write_whole"]


def write_whole(path, text):
    """Write a text file in place of an earlier one, in a folder that is made if it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(text)
    part.replace(path)
