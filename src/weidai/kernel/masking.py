"""Personal data as it is shown: enough to recognise one's own, not enough to misuse (R8.6)."""


def masked_mobile(mobile: str) -> str:
    """Return 138****5678."""
    return f"{mobile[:3]}****{mobile[-4:]}"


def masked_name(name: str) -> str:
    """Return the first character and a star for each other: 王*, 欧***."""
    return name[:1] + "*" * (len(name) - 1)


def masked_id_number(id_number: str) -> str:
    """Return the first three and last four characters: 110***********0010."""
    return f"{id_number[:3]}{'*' * (len(id_number) - 7)}{id_number[-4:]}"


def masked_card(card_number: str) -> str:
    """Return the first and last four digits: 6225********0123."""
    return f"{card_number[:4]}********{card_number[-4:]}"
