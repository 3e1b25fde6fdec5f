"""What the customer is told, in which words, and never at night unless they acted themselves (R6.5)."""

from datetime import UTC, date, datetime, timedelta
from string import Formatter
from uuid import uuid4

import pytest

from weidai.kernel.errors import PartnerUnavailable
from weidai.kernel.text import Text
from weidai.messaging import rules, selectors, services
from weidai.messaging.models import Notice, TextMessage
from weidai.messaging.ports import SmsAnswer, contact_book, sms_gateway
from weidai.messaging.templates import TEMPLATES
from weidai.platform import clock, outbox
from weidai.platform.models import OutboxMessage

pytestmark = pytest.mark.django_db
MOBILE = "13800005678"
NIGHT, MORNING = datetime(2026, 6, 1, 15, tzinfo=UTC), datetime(2026, 6, 2, 0, tzinfo=UTC)  # 23:00, 08:00 in Shanghai


class Phone:
    """Gateway and contact book in one."""

    def __init__(self):
        self.sent, self.failure, self.answer = [], None, SmsAnswer(is_delivered=True)
        self.mobile, self.language = MOBILE, "zh"

    def send(self, message_id, mobile, text):
        if self.failure:
            raise self.failure
        self.sent.append((message_id, mobile, text))
        return self.answer

    def mobile_for(self, _customer_id):
        return self.mobile

    def language_for(self, _customer_id):
        return self.language


@pytest.fixture
def phone():
    before, played = (sms_gateway._adapter, contact_book._adapter), Phone()
    sms_gateway.fill(played)
    contact_book.fill(played)
    yield played
    sms_gateway._adapter, contact_book._adapter = before


def repaid(customer, **given):
    return services.notice_send(customer, template="servicing.repaid", values={"amount_fen": 123456}, **given)


def test_a_notice_reads_in_both_languages_and_can_be_marked_read(phone):
    customer = uuid4()
    repaid(customer)
    services.notice_send(customer, template="limits.changed", channels=("in_app",), values={
        "before_fen": 500_000, "after_fen": 800_000, "reason": Text("按期评估", "scheduled review")})
    newest, first = selectors.notices_for(customer)
    assert newest.body == Text("您的额度由 5,000.00 元调整为 8,000.00 元：按期评估。",
                               "Your limit changed from 5,000.00 to 8,000.00 yuan: scheduled review.")
    assert (first.title.zh, first.is_read, selectors.unread_count(customer)) == ("还款成功", False, 2)
    assert [row.id for row in selectors.notices_for(customer, before=newest.id)] == [first.id]
    assert services.notices_mark_read(customer, notice_ids=[first.id]) == 1
    assert services.notices_mark_read(customer) == 1
    assert selectors.unread_count(customer) == 0
    assert selectors.notices_for(uuid4()) == ()


def test_a_text_message_goes_out_once_in_the_readers_language(phone):
    customer, phone.language = uuid4(), "en"
    message_id = repaid(customer)
    assert outbox.deliver_due(customer_id=customer) == 1
    assert phone.sent == [(str(message_id), MOBILE, "[weidai] We received your repayment of 1,234.56 yuan.")]
    assert selectors.text_messages_for(customer)[0].state == "delivered"
    assert outbox.deliver_due(customer_id=customer) == 0


def test_an_unanswered_gateway_is_tried_again_with_the_same_id(phone):
    customer, phone.failure = uuid4(), PartnerUnavailable()
    message_id = repaid(customer)
    assert outbox.deliver_due(customer_id=customer) == 0
    assert TextMessage.objects.get().state == "waiting"
    phone.failure = None
    OutboxMessage.objects.update(not_before=clock.wall_now())
    assert outbox.deliver_due(customer_id=customer) == 1
    assert [sent[0] for sent in phone.sent] == [str(message_id)]


def test_a_final_no_and_a_customer_without_a_number_end_the_message(phone):
    customer, phone.answer = uuid4(), SmsAnswer(is_delivered=False, reason="blocked")
    repaid(customer)
    phone_less = uuid4()
    outbox.deliver_due(customer_id=customer)
    phone.mobile = None
    repaid(phone_less)
    outbox.deliver_due(customer_id=phone_less)
    assert [row.reason for row in selectors.text_messages_for(customer)] == ["blocked"]
    assert [row.reason for row in selectors.text_messages_for(phone_less)] == ["no_mobile"]


def test_reminders_wait_for_the_morning_and_results_do_not(phone):
    customer = uuid4()
    with clock.travel_to(NIGHT):
        repaid(customer, channels=("sms",))
        services.notice_send(customer, template="servicing.due_soon", channels=("sms",),
                             values={"amount_fen": 100, "due_on": date(2026, 6, 4)})
        assert outbox.deliver_due(customer_id=customer) == 1
    assert len(phone.sent) == 1
    OutboxMessage.objects.update(not_before=clock.wall_now())
    with clock.travel_to(MORNING):
        assert outbox.deliver_due(customer_id=customer) == 1
    assert phone.sent[1][2] == "【微贷】您有 1.00 元将于 2026-06-04 到期，请保证账户余额充足。"


@pytest.mark.parametrize(("at", "wait"), [
    (datetime(2026, 6, 1, 13, 59, 59, tzinfo=UTC), None), (datetime(2026, 6, 1, 14, tzinfo=UTC), timedelta(hours=10)),
    (datetime(2026, 6, 1, 23, 59, tzinfo=UTC), timedelta(minutes=1)), (MORNING, None),
])
def test_night_is_from_22_to_8_in_shanghai(at, wait):
    assert rules.quiet_for("reminder", at) == wait
    assert rules.quiet_for("transaction", at) is None


def test_a_missing_value_or_an_unknown_template_is_found_at_once_and_writes_nothing(phone):
    with pytest.raises(KeyError):
        services.notice_send(uuid4(), template="servicing.repaid", values={})
    with pytest.raises(AssertionError):
        services.notice_send(uuid4(), template="nobody.knows", values={})
    assert not Notice.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_many_are_told_with_a_few_statements(phone, django_assert_max_num_queries):
    customers = [uuid4() for _ in range(200)]
    rows = [services.NewNotice(one, "servicing.repaid", {"amount_fen": 100}) for one in customers]
    with django_assert_max_num_queries(8):
        assert services.notices_send_bulk(rows) == 200
    assert services.notices_send_bulk([]) == 0
    assert outbox.deliver_due(customer_id=customers[7]) == 1
    assert selectors.unread_count(customers[7]) == 1


def test_every_template_has_the_same_placeholders_in_both_languages():
    def names(text):
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for code, told in TEMPLATES.items():
        for text in (told.title, told.body):
            assert names(text.zh) == names(text.en), code
        assert not names(told.title.zh), code
