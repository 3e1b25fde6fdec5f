"""One real sandbox world over HTTP for all adapter tests; each test starts without faults."""

import pytest

from sandbox_world import testing
from weidai.adapters.sandbox_client import SandboxClient


@pytest.fixture(scope="session")
def running(tmp_path_factory):
    world = testing.start(tmp_path_factory.mktemp("world"), people=120)
    yield world
    world.stop()


@pytest.fixture
def client(running):
    fresh = SandboxClient(running.base_url, running.keys_folder, timeout_seconds=2)
    yield fresh
    fresh.close()


@pytest.fixture
def fault(running):
    """Break a call on purpose; everything is mended after the test."""
    control = SandboxClient(running.base_url, running.keys_folder)

    def set_fault(partner, call, mode, **fields):
        control.post("control", "/v1/control/faults", {"partner": partner, "call": call, "mode": mode} | fields)

    yield set_fault
    control._tried("DELETE", "control", "/v1/control/faults", b"", tries=1)
    control.close()


@pytest.fixture
def person(client):
    people = client.get("control", "/v1/control/people", {"persona": "salaried", "limit": 20})["people"]
    return next(one for one in people if main_card(one) is not None)


def main_card(person):
    return next((card for card in person["cards"] if card["is_main"] and card["card_type"] == "debit"), None)
