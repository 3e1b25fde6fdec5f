"""Pure rules of the policy room: strict reading of TOML into frozen dataclasses, and the dated law."""

from weidai.policy.rules.law import LegalLimits, LegalRule, LicenceType
from weidai.policy.rules.parsing import Fault, Source, parse

__all__ = ["Fault", "LegalLimits", "LegalRule", "LicenceType", "Source", "parse"]
