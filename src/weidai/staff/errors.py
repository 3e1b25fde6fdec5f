"""Refusals of the staff room."""

from weidai.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from weidai.kernel.text import Text


class UsernameTaken(Conflict):
    """Another account has this user name."""

    code = "staff.username_taken"
    text = Text("用户名“{username}”已被使用。", "The user name “{username}” is taken.")
    next_step = Text("请换一个用户名。", "Choose another user name.")


class UsernameMalformed(Invalid):
    """The user name has other characters than the rule allows."""

    code = "staff.username_malformed"
    text = Text("用户名须以小写字母开头，只含小写字母、数字、点、横线和下划线，2 至 64 个字符。",
                "A user name starts with a small letter and has 2 to 64 small letters, digits, dots, dashes or "
                "underscores.")


class PasswordTooWeak(Invalid):
    """The password is short, common or like the user name."""

    code = "staff.password_too_weak"
    text = Text("密码不够安全：{reasons}", "The password is too weak: {reasons}")


class StaffUserNotFound(NotFound):
    """There is no such account."""

    code = "staff.user_not_found"
    text = Text("没有这个员工账号。", "There is no such staff account.")


class OwnRoleChangeRefused(Forbidden):
    """Nobody changes their own roles (R8.6)."""

    code = "staff.own_role_change_refused"
    text = Text("不能修改自己的角色。", "You cannot change your own roles.")
    next_step = Text("请由另一位系统管理员办理。", "Ask another administrator.")


class DemoOnly(Forbidden):
    """Demonstration accounts exist only in a demonstration."""

    code = "staff.demo_only"
    text = Text("演示账号只在演示环境可用。", "Demonstration accounts exist only in a demonstration.")
    next_step = Text("设置 WEIDAI_DEMO=1 后再试。", "Set WEIDAI_DEMO=1 and try again.")
