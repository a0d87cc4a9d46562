import zipfile

import pytest

from feedback.errors import BadFile
from feedback.read.tables import open_table


def opened(tmp_path, content, name="upload.csv"):
    path = tmp_path / name
    path.write_bytes(content)
    return open_table(path)


@pytest.mark.parametrize(
    ("content", "type"),
    [
        (b"Ref,Comments\n1,Kind\n", "csv"),
        (b'{"comment": "Kind"}\n{"comment": "Slow"}\n', "jsonl"),
        (b'{"comment": "Kind"}\n{"comment": "Sl', "jsonl"),
        (b'{"comment": "one alone"}', "jsonl"),
        (b' [{"comment": "Kind"}]', "json"),
        (b'{\n "responses": [{"comment": "Kind"}]\n}', "json"),
        (b'{"responses": [{"comment": "Kind"}]}', "json"),
        ('[{"comment": "Käse"}]'.encode("utf-16"), "json"),
        (b"BMI clinic,Comments\n1,Kind\n", "csv"),
    ],
)
def test_the_kind_of_file_is_found_from_its_bytes(tmp_path, content, type):
    assert opened(tmp_path, content).facts.type == type


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"%PDF-1.7 and so on", "a PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "a picture"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)), "a picture"),
        (b"{\\rtf1 words}", "a text document"),
        (b"<html><table></table></html>", "a web page"),
        (bytes(range(256)) * 20, "not text"),
        (OLE, r"old Office document"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
        (b"PK\x03\x04 and no more", "broke off"),
    ],
)
def test_what_is_no_table_is_refused_with_its_kind_whatever_its_name(tmp_path, content, says):
    with pytest.raises(BadFile, match=says):
        opened(tmp_path, content)


def test_a_word_document_is_not_a_workbook(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    with pytest.raises(BadFile, match="a Word document"):
        open_table(tmp_path / "a.xlsx")


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path):
    with pytest.raises(BadFile, match=r"gone\.csv cannot be opened"):
        open_table(tmp_path / "gone.csv")
