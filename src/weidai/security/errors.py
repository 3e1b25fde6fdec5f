"""Refusals of security, each with what to do next."""

from weidai.kernel.errors import Forbidden, Invalid, NotFound, Refused, TooManyRequests
from weidai.kernel.text import Text

_NEW_CODE = Text("请重新获取验证码。", "Ask for a new code.")


class MobileInvalid(Invalid):
    """Not a mainland mobile number."""

    code = "security.mobile_invalid"
    text = Text("手机号应为 11 位中国大陆手机号。", "Enter an 11-digit mainland China mobile number.")
    next_step = Text("请检查后重新填写。", "Please check it and enter it again.")


class SmsTooSoon(TooManyRequests):
    """One code a minute for one number."""

    code = "security.sms_too_soon"
    text = Text("验证码刚刚发送过，{seconds} 秒后可重新获取。",
                "A code was just sent; you can ask again in {seconds} seconds.")
    next_step = Text("请先查收短信。", "Please look at your messages first.")


class SmsDayLimitReached(TooManyRequests):
    """Ten codes a day for one number."""

    code = "security.sms_day_limit_reached"
    text = Text("该手机号今天获取验证码的次数已用完。", "This number has used up its codes for today.")
    next_step = Text("请明天再试，或联系客服。", "Please try again tomorrow or contact customer service.")


class SmsAddressLimitReached(TooManyRequests):
    """Ten codes in ten minutes for one network address."""

    code = "security.sms_address_limit_reached"
    text = Text("您所在的网络获取验证码过于频繁，约 {minutes} 分钟后可重新获取。",
                "Too many codes were asked for from your network; you can ask again in about {minutes} minutes.")
    next_step = Text("请稍后再试，或换用其他网络。", "Please try again later, or use another network.")


class SmsAddressDayLimitReached(TooManyRequests):
    """Fifty codes a day for one network address."""

    code = "security.sms_address_day_limit_reached"
    text = Text("您所在的网络今天获取验证码的次数已用完。", "Your network has used up its codes for today.")
    next_step = Text("请明天再试，或换用其他网络。", "Please try again tomorrow, or use another network.")


class SmsDeviceLimitReached(TooManyRequests):
    """Eight codes in ten minutes for one device."""

    code = "security.sms_device_limit_reached"
    text = Text("这台设备获取验证码过于频繁，约 {minutes} 分钟后可重新获取。",
                "This device asked for too many codes; you can ask again in about {minutes} minutes.")
    next_step = Text("请稍后再试。", "Please try again later.")


class SmsDeviceDayLimitReached(TooManyRequests):
    """Twenty codes a day for one device."""

    code = "security.sms_device_day_limit_reached"
    text = Text("这台设备今天获取验证码的次数已用完。", "This device has used up its codes for today.")
    next_step = Text("请明天再试，或联系客服。", "Please try again tomorrow or contact customer service.")


class DeviceLocked(Forbidden):
    """The account's owner locked this device."""

    code = "security.device_locked"
    text = Text("该账户已禁止在这台设备上登录。", "The account's owner does not allow signing in on this device.")
    next_step = Text("请使用其他已登录的设备在安全中心解除，或联系客服。",
                     "Unlock it in the security center of another device, or contact customer service.")


class SessionNotFound(NotFound):
    """No such session of this customer."""

    code = "security.session_not_found"
    text = Text("没有找到该登录记录。", "There is no such sign-in.")


class DeviceNotFound(NotFound):
    """No such device of this customer."""

    code = "security.device_not_found"
    text = Text("没有找到该设备。", "There is no such device.")


class DeviceIsThisOne(Refused):
    """Locking the device one holds would lock oneself out."""

    code = "security.device_is_this_one"
    text = Text("不能锁定正在使用的设备。", "The device you are using cannot be locked.")
    next_step = Text("如需退出，请使用“退出登录”。", "To leave, use “sign out”.")


class DeviceProofInvalid(Invalid):
    """The signature does not belong to the device's key or to what was to be signed."""

    code = "security.device_proof_invalid"
    text = Text("设备签名未通过验证。", "The device's signature does not hold.")
    next_step = Text("请刷新页面后重试；仍不行请重新绑定本机。",
                     "Reload the page and try again; if that fails, bind this device anew.")


class DeviceNotBound(Refused):
    """No key of this device is known: it was never bound, its storage was emptied, or it was locked."""

    code = "security.device_not_bound"
    text = Text("本机尚未绑定设备密钥，或密钥已失效。",
                "This device is not bound to your account, or its key is no longer valid.")
    next_step = Text("请绑定本机，或不绑定、改为核验本人后办理。",
                     "Bind this device, or go on without binding after proving that it is you.")


class DeviceProofMissing(Refused):
    """The account has a bound device; what is asked for needs its signature, or a fresh look at the person."""

    code = "security.device_proof_missing"
    text = Text("此操作需要已绑定设备的签名，或在 30 分钟内核验过本人。",
                "This needs the signature of your bound device, or a check of your person within 30 minutes.")
    next_step = Text("请在已绑定的设备上操作，或先绑定本机。", "Use the bound device, or bind this one first.")


class DeviceProofUsed(Refused):
    """A signature counts once and for ten minutes."""

    code = "security.device_proof_used"
    text = Text("该签名已使用或已过期。", "This signature was used already or is too old.")
    next_step = Text("请刷新页面后重试。", "Reload the page and try again.")


class PersonNotSeen(Refused):
    """Binding a further device needs a fresh face or staff video check."""

    code = "security.person_not_seen"
    text = Text("更换或新增设备前，请先核验本人（人脸或人工视频）。",
                "Before another device is bound, please prove that it is you (face or staff video check).")
    next_step = Text("核验后 30 分钟内可绑定。", "It holds for 30 minutes.")


class DeviceKeysTooMany(Refused):
    """Five bound devices at once."""

    code = "security.device_keys_too_many"
    text = Text("最多同时绑定 {count} 台设备。", "At most {count} devices can be bound at once.")
    next_step = Text("请先在登录设备中锁定不再使用的设备。", "Lock a device you no longer use first.")


class SmsCodeWrong(Invalid):
    """The digits are not the ones sent, or were sent for something else."""

    code = "security.sms_code_wrong"
    text = Text("验证码不正确，还可尝试 {left} 次。", "The code is not right; {left} attempts are left.")
    next_step = Text("请核对短信中的 6 位数字。", "Compare it with the six digits in the message.")


class SmsCodeSpent(Refused):
    """Guessed wrong five times."""

    code = "security.sms_code_spent"
    text = Text("验证码错误次数过多，已失效。", "Too many wrong attempts; this code no longer works.")
    next_step = _NEW_CODE


class SmsCodeExpired(Refused):
    """Too old, already used, or never sent: not told apart on purpose."""

    code = "security.sms_code_expired"
    text = Text("验证码已过期或已使用。", "The code has expired or was already used.")
    next_step = _NEW_CODE


class PaymentPasswordInvalid(Invalid):
    """Not six digits."""

    code = "security.payment_password_invalid"
    text = Text("支付密码应为 6 位数字。", "The payment password has six digits.")
    next_step = Text("请重新填写。", "Please enter it again.")


class PaymentPasswordWeak(Invalid):
    """Too easy to guess."""

    code = "security.payment_password_weak"
    text = Text("支付密码过于简单：{reason}。", "The payment password is too easy: {reason}.")
    next_step = Text("请换一组不连续、不重复、与生日和手机号无关的数字。",
                     "Choose digits that are no run, no repetition, and not from your birthday or mobile number.")

    def __init__(self, reason: Text, *, field: str) -> None:
        super().__init__(field=field, reason=reason)
        self._reason = reason

    @property
    def message(self) -> Text:
        """The sentence with the reason in its own language."""
        return Text(self.text.zh.format(reason=self._reason.zh), self.text.en.format(reason=self._reason.en))


class PaymentPasswordUnchanged(Invalid):
    """The new one is the present one."""

    code = "security.payment_password_unchanged"
    text = Text("新支付密码与原支付密码相同。", "The new payment password is the present one.")
    next_step = Text("请换一组不同的 6 位数字。", "Choose six other digits.")


class PaymentPasswordMissing(Refused):
    """Not set yet."""

    code = "security.payment_password_missing"
    text = Text("尚未设置支付密码。", "No payment password has been set.")
    next_step = Text("请先设置支付密码。", "Please set a payment password first.")


class PaymentPasswordRequired(Invalid):
    """This step needs the payment password."""

    code = "security.payment_password_required"
    text = Text("此操作需要输入支付密码。", "This step needs your payment password.")
    next_step = Text("请输入 6 位支付密码。", "Please enter your six digits.")


class PaymentPasswordExists(Refused):
    """Already set: changing it needs the old one."""

    code = "security.payment_password_exists"
    text = Text("支付密码已设置。", "A payment password is already set.")
    next_step = Text("如需更改，请在安全中心使用原密码修改。",
                     "To change it, use the security center with your present password.")


class PaymentPasswordWrong(Invalid):
    """Wrong digits."""

    code = "security.payment_password_wrong"
    text = Text("支付密码不正确，还可尝试 {left} 次。", "The payment password is wrong; {left} attempts are left.")
    next_step = Text("请重新输入。", "Please enter it again.")


class PaymentPasswordLocked(TooManyRequests):
    """Five wrong attempts."""

    code = "security.payment_password_locked"
    text = Text("支付密码错误次数过多，已锁定，请于 {minutes} 分钟后再试。",
                "Too many wrong attempts. The payment password is locked; try again in {minutes} minutes.")
    next_step = Text("如非本人操作，请立即联系客服。", "If this was not you, contact customer service at once.")


class PaymentPasswordDeviceLocked(TooManyRequests):
    """Ten wrong attempts in a day from one device, over all accounts."""

    code = "security.payment_password_device_locked"
    text = Text("这台设备输错支付密码的次数过多，请于 {hours} 小时后再试。",
                "Too many wrong payment passwords from this device; try again in {hours} hours.")
    next_step = Text("如有疑问，请联系客服。", "If in doubt, contact customer service.")
