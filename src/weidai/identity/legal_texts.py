"""What a visitor reads and agrees to when registering: terms of service and the privacy notice (R1.9; PIPL 17).

Kept as evidence like consents, but not withdrawn one by one: who no longer agrees closes the account.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from weidai.kernel.text import Text


@dataclass(frozen=True, slots=True)
class LegalText:
    """A document of numbered paragraphs; a changed text gets a new version."""

    code: str
    version: str
    title: Text
    paragraphs: tuple[tuple[Text, Text], ...]  # heading, words

    @property
    def digest(self) -> str:
        """SHA-256 over everything shown, in both languages: the evidence of which text was agreed to."""
        texts = [self.title, *(text for paragraph in self.paragraphs for text in paragraph)]
        words = [self.code, self.version, *(word for text in texts for word in (text.zh, text.en))]
        return hashlib.sha256("\n".join(words).encode()).hexdigest()


LEGAL_TEXTS: dict[str, LegalText] = {
    text.code: text
    for text in (
        LegalText(
            "terms",
            "2026-11",
            Text("用户服务协议", "Terms of service"),
            (
                (
                    Text("服务内容", "What this is"),
                    Text(
                        "我们为成年自然人提供小额贷款的申请、使用与还款服务。注册只建立账户，不产生任何借款，也不查询征信。",
                        "We let adults apply for, use and repay small loans. Registering only "
                        "opens an account: it borrows nothing "
                        "and queries no credit report.",
                    ),
                ),
                (
                    Text("账户", "Your account"),
                    Text(
                        "一人一户，须由本人使用。验证码和支付密码请勿告知任何人，工作人员不会索要。",
                        "One person, one account, for your own use. Never tell anyone your "
                        "codes or payment password; our staff "
                        "never ask for them.",
                    ),
                ),
                (
                    Text("费用", "Charges"),
                    Text(
                        "注册、评估、申请均不收费。借款只收取成本明示表列明的利息；表外不收取任何费用。",
                        "Registering, assessments and applications are free. A loan costs the "
                        "interest on its cost sheet and "
                        "nothing that is not on it.",
                    ),
                ),
                (
                    Text("结束使用", "Leaving"),
                    Text(
                        "没有未结清借款时，您可随时注销账户。",
                        "With no open loan you can close the account at any time.",
                    ),
                ),
            ),
        ),
        LegalText(
            "privacy",
            "2026-11",
            Text("隐私政策", "Privacy notice"),
            (
                (
                    Text("注册时处理什么", "What registering uses"),
                    Text(
                        "手机号，用于登录和必要通知；设备类型与网络地址，用于账户安全。",
                        "Your mobile number, to sign in and for necessary notices; device type "
                        "and network address, to keep the "
                        "account safe.",
                    ),
                ),
                (
                    Text("以后处理什么", "What comes later"),
                    Text(
                        "身份证、人脸、银行卡、征信、支付数据等，每一项都会在使用前单独征求您的同意，可分别拒绝和撤回。",
                        "ID card, face, bank card, credit report, payment data: each is asked "
                        "for separately before it is used, and "
                        "each can be refused and withdrawn.",
                    ),
                ),
                (
                    Text("保存与保护", "Keeping and protecting"),
                    Text(
                        "个人信息加密保存在境内；账户注销后，除法律要求保存的以外予以删除。",
                        "Personal data is kept encrypted in mainland China; after the account "
                        "is closed it is deleted, except what "
                        "the law requires us to keep.",
                    ),
                ),
                (
                    Text("您的权利", "Your rights"),
                    Text(
                        "您可以查阅、复制、更正、删除个人信息，撤回同意，或向我们投诉。",
                        "You can see, copy, correct and delete your data, withdraw consent, and complain to us.",
                    ),
                ),
            ),
        ),
    )
}


def present_versions() -> dict[str, str]:
    """Return the version of each document that is shown now, by its code."""
    return {text.code: text.version for text in LEGAL_TEXTS.values()}
