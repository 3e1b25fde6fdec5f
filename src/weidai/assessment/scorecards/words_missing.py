"""Words that stand for "no value" in the tables people keep."""

MISSING_WORDS = ("", "na", "n/a", "nan", "null", "none", "nil", "?", "-", "--", ".", "#n/a", "#value!", "缺失", "空", "无数据")
_KNOWN = frozenset(MISSING_WORDS)


def is_missing_word(text: str) -> bool:
    """Whether a trimmed text says that there is no value."""
    return text.casefold() in _KNOWN
