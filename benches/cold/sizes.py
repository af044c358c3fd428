"""How large what must be shipped is, plain and zipped."""

import zipfile
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile


@cache
def of(path: Path) -> tuple:
    """Bytes of a file, or of all in a folder but what Python compiled, plain and in a zip."""
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    files = [file for file in files if file.suffix != ".pyc"]
    with TemporaryFile() as out:
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for file in files:
                archive.write(file)
        return sum(file.stat().st_size for file in files), out.tell()


def total(paths: list) -> tuple:
    each = [of(Path(path)) for path in paths if Path(path).exists()]
    return sum(plain for plain, _ in each), sum(zipped for _, zipped in each)
