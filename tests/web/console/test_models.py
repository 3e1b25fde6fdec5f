"""Models at the console: seen by who may, put to work by a second person, reported as a file, drift drawn (R2.6, R8.6)."""

from uuid import UUID

import pytest

from tests.scorecards.tables import live_model
from tests.services.credit_support import AT, customer_make
from tests.web.staff_session import staff_client
from weidai.assessment import services as assessments
from weidai.assessment.models import ScoringModel
from weidai.assessment.scorecards import drift, registry
from weidai.assessment.scorecards.live import models_at_work
from weidai.staff.models import StaffUser
from weidai.staff.rules import Role

pytestmark = pytest.mark.django_db


def test_the_console_shows_models_and_lets_a_second_person_decide(bank, tmp_path):
    analyst, senior = staff_client(Role.RISK_ANALYST), staff_client(Role.SENIOR_REVIEWER)
    author = UUID(str(analyst.session["_auth_user_id"]))
    assert StaffUser.objects.filter(id=author).exists()
    model_id = registry.model_register(live_model(tmp_path), registered_by=author)
    address = f"/console/models/{model_id}"
    assert analyst.post(f"{address}/promote", {"note": "自己复核"}).status_code == 403
    body = senior.get(address).content.decode()
    assert "影子运行" in body and "bureau_score" in body
    done = senior.post(f"{address}/promote", {"note": "看过验证报告"}, follow=True)
    assert done.status_code == 200 and ScoringModel.objects.get().state == "shadow"
    assert "积分表" in analyst.get("/console/models").content.decode()
    report = analyst.get(f"{address}/report")
    assert report["Content-Disposition"].startswith("attachment") and b"<svg" in report.content
    assessments.assessment_run(customer_make(), trigger="requested")
    drift.drift_update(AT.date(), models_at_work())
    assert "drift-option" in senior.get(address).content.decode()
