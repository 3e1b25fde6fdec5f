"""The pages themselves: read the world and show it."""

from collections import Counter
from datetime import date, datetime, timedelta

from flask import Blueprint, render_template, request, send_from_directory
from flask.typing import ResponseReturnValue

from sandbox_world.api.bank import account_row
from sandbox_world.api.control import person_named
from sandbox_world.api.operator import sms_rows
from sandbox_world.books import LENDER_ACCOUNTS, lender_account_number
from sandbox_world.callbacks import STATES
from sandbox_world.calls import query, world
from sandbox_world.facts import NUMBER_STATUSES, months_in_use, person_row
from sandbox_world.faults import CALLS, MODES, VARIANTS
from sandbox_world.fields import MOBILE
from sandbox_world.pages import words
from sandbox_world.pages.guard import csrf_check, csrf_token, loopback_only, page_finish
from sandbox_world.population.credit import bureau_facts
from sandbox_world.population.months import shanghai_day
from sandbox_world.population.personas import PERSONA_BY_CODE
from sandbox_world.population.profile import profile
from sandbox_world.problems import Problem
from sandbox_world.statement import account_day, statement

blueprint = Blueprint("pages", __name__, template_folder="templates")
PAGE_SIZE = 24
NOTICES = {
    "paid": ("已转账，款项已入收款户。", "Transferred; the money is in the collection account."),
    "saved": ("已保存。", "Saved."),
    "fault_on": ("故障已开启。", "The fault is on."),
    "fault_off": ("故障已关闭。", "Faults are off."),
    "sent": ("已尝试发送，请看下方状态。", "Tried to send; see the state below."),
    "reset": ("沙盒已清空。", "The sandbox is empty again."),
}


def page_now() -> datetime:
    """Return the business time that the pages show: the lender's clock as last heard."""
    return world().business_now()


def page_today() -> date:
    """Return the business day that the pages show."""
    return shanghai_day(page_now())


@blueprint.before_request
def page_guard() -> None:
    """Let nobody in from outside, and no foreign forms."""
    loopback_only()
    csrf_check()


blueprint.after_request(page_finish)


@blueprint.context_processor
def page_words() -> dict[str, object]:
    """Give templates their words."""
    notice = NOTICES.get(request.args.get("done", ""))
    return {
        "both": words.both,
        "word": words.word,
        "yuan": words.yuan,
        "local_time": words.local_time,
        "bank_word": words.bank_word,
        "grouped": words.grouped,
        "with_codes": words.with_codes,
        "csrf_token": csrf_token,
        "notice": notice,
        "now": page_now().isoformat(),
    }


@blueprint.get("/static/<path:name>")
def static_file(name: str) -> ResponseReturnValue:
    """Send the style sheet and the script."""
    return send_from_directory(f"{blueprint.root_path}/static", name)


@blueprint.get("/")
def overview() -> str:
    """Show what the world holds and does."""
    here = world()
    counts = Counter(person.persona.code for person in here.population.people)
    store = here.store
    figures = {
        "bookings": store.number("SELECT count(*) FROM money_request"),
        "messages": store.number("SELECT count(*) FROM sms"),
        "records": store.number("SELECT count(*) FROM bureau_record"),
        "waiting": here.callbacks.waiting_count(),
        "faults": here.faults.active_count(),
    }
    personas = [{"code": code, "count": counts[code]} for code in PERSONA_BY_CODE]
    return render_template(
        "overview.html",
        figures=figures,
        personas=personas,
        accounts=_lender_accounts(),
        settings=here.settings,
        url=here.callbacks.url,
    )


def _lender_accounts() -> list[dict[str, object]]:
    day = page_today().isoformat()
    return [
        {
            **account_day(world().store, account=name, day=day),
            "number": lender_account_number(name),
            "balance_fen": world().books.balance(name),
        }
        for name in LENDER_ACCOUNTS
    ]


@blueprint.get("/sms")
def sms() -> str:
    """Show the inbox of one number, or of all."""
    wanted = request.args.get("mobile", "").strip()
    is_number = bool(MOBILE.fullmatch(wanted))
    rows = sms_rows(mobile=wanted if is_number else None, limit=100) if is_number or not wanted else []
    people = world().population.by_mobile
    messages = [{**dict(row), "person": people.get(row["mobile"])} for row in rows]
    return render_template("sms.html", messages=messages, wanted=wanted, is_number=is_number)


@blueprint.get("/people")
def people() -> str:
    """List people by persona and search text."""
    persona = request.args.get("persona", "")
    persona = persona if persona in PERSONA_BY_CODE else ""
    text = request.args.get("q", "").strip()[:40].replace(" ", "")
    found = world().population.matching(persona=persona or None, query=text.upper() or None)
    pages = max((len(found) + PAGE_SIZE - 1) // PAGE_SIZE, 1)
    page = request.args.get("page", "1")
    number = min(max(int(page), 1), pages) if page.isdecimal() and len(page) < 7 else 1
    shown = found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    return render_template(
        "people.html",
        people=shown,
        persona=persona,
        personas=list(PERSONA_BY_CODE),
        text=text,
        page=number,
        pages=pages,
        total=len(found),
        today=page_today(),
    )


@blueprint.get("/people/<id_number>")
def person(id_number: str) -> str:
    """Show one person with accounts and data."""
    who, here, today = person_named(id_number), world(), page_today()
    row = person_row(who, here.facts, on=today)
    accounts = [
        account_row(card.number, at=page_now()) | {"card_type": card.card_type, "is_main": card.is_main}
        for card in who.cards
        if card.card_type != "credit"
    ]
    if who.business:
        accounts.append(
            account_row(who.business.corporate_account, at=page_now()) | {"card_type": "corporate", "is_main": False}
        )
    as_of = min(max(today, date(2023, 1, 1)), date(2030, 12, 31))
    facts = profile(who, as_of=as_of, months=12)
    return render_template(
        "person.html",
        who=row,
        accounts=accounts,
        facts=facts,
        bureau=bureau_facts(who, as_of),
        as_of=as_of,
        number_status=here.facts.number_status(who),
        number_statuses=NUMBER_STATUSES,
        months_in_use=months_in_use(who, on=today),
    )


@blueprint.get("/bank")
def bank() -> str:
    """Show the lender's accounts and the bookings of one business day."""
    try:
        day = query().day("date", default=page_today())
    except Problem:  # a mistyped date shows today instead of an error page
        day = page_today()
    day = min(max(day, date(2000, 1, 1)), date(2100, 12, 31))
    rows = statement(world().store, day=day.isoformat(), limit=500, after=0)
    requests = world().store.rows(
        "SELECT * FROM money_request WHERE state = 'accepted' ORDER BY business_at DESC LIMIT 50"
    )
    return render_template(
        "bank.html",
        statement=rows,
        day=day,
        before=day - timedelta(days=1),
        after=day + timedelta(days=1),
        accounts=_lender_accounts(),
        accepted=requests,
    )


@blueprint.get("/faults")
def faults() -> str:
    """Show the fault switch."""
    return render_template("faults.html", faults=world().faults.listed(), calls=CALLS, modes=MODES, variants=VARIANTS)


@blueprint.get("/callbacks")
def callbacks() -> str:
    """Show the log of events."""
    state = request.args.get("state", "")
    state = state if state in STATES else ""
    rows = world().callbacks.listed(state=state or None, limit=100)
    return render_template("callbacks.html", callbacks=rows, state=state, states=STATES, url=world().callbacks.url)
