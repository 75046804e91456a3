"""A document as a file: written whole, replaced, and refused where it cannot be."""

import pytest

from incident_copilot.domain.document import Document
from incident_copilot.errors import VendorRefused
from incident_copilot.plugins.postmortem_targets.folder import Options, create
from incident_copilot.ports import Receipt


@pytest.fixture
def postmortem(fixture):
    return Document.model_validate(fixture("folder"))


async def test_newer_text_takes_the_place_of_the_older_one(env, postmortem, tmp_path):
    target = create(env, Options(path=tmp_path))

    receipts = [await target.put(postmortem), await target.put(postmortem.model_copy(update={"text": "newer"}))]

    assert receipts == [Receipt(ref={"file": str(tmp_path / "INC-42.html")})] * 2
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("INC-42.html", "newer")]


async def test_folder_that_is_not_there_or_takes_nothing_is_named(env, postmortem, tmp_path):
    (tmp_path / "INC-42.html").mkdir()

    with pytest.raises(VendorRefused, match=r"INC-42\.html: .*; let the copilot write there"):
        await create(env, Options(path=tmp_path)).put(postmortem)
    with pytest.raises(VendorRefused, match=r"gone: no such folder; make it, or correct options\.path"):
        await create(env, Options(path=tmp_path / "gone")).put(postmortem)
