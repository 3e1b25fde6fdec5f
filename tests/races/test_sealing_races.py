"""Two books close their days at the same time: both days are sealed, in one chain (R8.3)."""

from datetime import timedelta
from uuid import uuid4

from tests.races.conftest import together

from weidai.audit import selectors, services
from weidai.audit.models import Seal
from weidai.platform import clock


def _recorded_and_sealed(day):
    services.event_record("test.thing.happened", subject_type="thing", subject_id=uuid4(), facts={})
    return services.day_seal(day)


def test_two_sealers_at_once_make_one_chain():
    seals = Seal.objects.count()
    today = clock.today()
    found = together(*[lambda days=days: _recorded_and_sealed(today + timedelta(days=days)) for days in range(4)])
    assert sum(found) >= 4
    assert Seal.objects.count() > seals
    assert selectors.verify().is_sound
