"""Personas: the shares of the population and the ranges from which each kind of person is drawn.

The ranges are set so that the thresholds of R2.1 tell the personas apart; tests/sandbox_world measures that they do.
"""

from dataclasses import dataclass

from sandbox_world.population.draws import Draws

Range = tuple[int, int]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Persona:
    """Ranges of one persona; amounts are yuan a month or yuan held."""

    code: str
    name_zh: str
    share: float
    born: Range  # years
    income: Range
    spend: Range
    spend_variation: Span  # sample deviation over mean of monthly totals
    payments_a_month: Range
    contacts: Range
    wallet: Range
    wealth: Range  # 0 … none
    bureau_score: Range
    thin_share: float  # share of people without a score
    debt_to_yearly_income: Span
    card_limits: Range  # other banks, per card
    card_count: Range
    heavy_share: float = 0.0  # share with more than five payments a day


PERSONAS: tuple[Persona, ...] = (
    Persona(
        "student",
        "学生",
        0.08,
        (2004, 2006),
        (1500, 2600),
        (900, 2300),
        (0.22, 0.50),
        (25, 90),
        (60, 190),
        (150, 1500),
        (0, 0),
        (595, 665),
        0.60,
        (0.0, 0.06),
        (2000, 5000),
        (0, 0),
    ),
    Persona(
        "young_worker",
        "年轻上班族",
        0.24,
        (1996, 2003),
        (4500, 8800),
        (1700, 3100),
        (0.30, 0.58),
        (40, 140),
        (70, 230),
        (200, 1500),
        (0, 600),
        (592, 678),
        0.06,
        (0.0, 0.30),
        (5000, 20000),
        (0, 1),
        0.10,
    ),
    Persona(
        "salaried",
        "受薪人士",
        0.30,
        (1978, 1995),
        (8000, 22000),
        (2300, 6000),
        (0.27, 0.55),
        (35, 130),
        (80, 250),
        (400, 2400),
        (0, 1800),
        (612, 722),
        0.03,
        (0.0, 0.35),
        (10000, 50000),
        (1, 2),
        0.05,
    ),
    Persona(
        "high_net_worth",
        "高净值人士",
        0.06,
        (1970, 1990),
        (35000, 120000),
        (9000, 30000),
        (0.10, 0.30),
        (40, 150),
        (180, 480),
        (10000, 60000),
        (60000, 900000),
        (705, 860),
        0.20,
        (0.0, 0.25),
        (50000, 150000),
        (1, 3),
    ),
    Persona(
        "shop_owner",
        "个体店主",
        0.10,
        (1974, 1996),
        (8000, 30000),
        (4800, 15000),
        (0.34, 0.70),
        (60, 150),
        (230, 520),
        (1000, 5000),
        (0, 12000),
        (602, 718),
        0.08,
        (0.05, 0.45),
        (10000, 60000),
        (0, 2),
    ),
    Persona(
        "thin_file",
        "信用白户",
        0.10,
        (1980, 2003),
        (3000, 6200),
        (800, 2600),
        (0.30, 0.80),
        (20, 60),
        (20, 140),
        (80, 1500),
        (0, 0),
        (0, 0),
        1.00,
        (0.0, 0.0),
        (0, 0),
        (0, 0),
    ),
    Persona(
        "over_indebted",
        "负债过高",
        0.08,
        (1982, 2000),
        (5000, 12000),
        (2200, 5600),
        (0.40, 0.90),
        (30, 120),
        (60, 230),
        (40, 600),
        (0, 0),
        (470, 636),
        0.00,
        (0.60, 1.50),
        (8000, 50000),
        (2, 4),
    ),
    Persona(
        "fraudster",
        "欺诈嫌疑",
        0.04,
        (1985, 2003),
        (6000, 15000),
        (3000, 6200),
        (0.04, 0.13),
        (20, 50),
        (5, 40),
        (800, 6000),
        (0, 0),
        (640, 720),
        0.25,
        (0.0, 0.20),
        (5000, 20000),
        (0, 1),
    ),
)
PERSONA_BY_CODE: dict[str, Persona] = {persona.code: persona for persona in PERSONAS}
TRAPS = ("mobile_name_mismatch", "id_card_lost", "registry_unknown", "card_name_mismatch", "face_mismatch")
AGE_OUTLIER_EVERY = 100  # of each hundred people one is too young or too old to borrow
AGE_OUTLIER_AT = 97
TOO_YOUNG_BORN = (2013, 2014)  # minors to the end of 2030
TOO_OLD_BORN = (1950, 1961)  # past 60 before 2023


def persona_for(draws: Draws, *, index: int) -> Persona:
    """Return the persona of one index by the shares; age outliers are students or salaried."""
    position = draws.unit()
    if index % AGE_OUTLIER_EVERY == AGE_OUTLIER_AT:
        return PERSONA_BY_CODE["student" if is_too_young(index) else "salaried"]
    for persona in PERSONAS:
        position -= persona.share
        if position < 0:
            return persona
    return PERSONAS[2]


def is_age_outlier(index: int) -> bool:
    """Tell whether this index is one of the too young or too old."""
    return index % AGE_OUTLIER_EVERY == AGE_OUTLIER_AT


def is_too_young(index: int) -> bool:
    """Tell whether an outlier is the young kind (every other one)."""
    return (index // AGE_OUTLIER_EVERY) % 2 == 0
