"""`weidai staff …`: the first accounts of an installation; later ones are made at the console."""

from __future__ import annotations

import typer

from weidai.cli.output import console, django_ready, print_table

app = typer.Typer(help="员工账号 / Staff accounts.", no_args_is_help=True)


@app.command()
def create(
    username: str,
    display_name: str = typer.Option(..., "--name", help="as colleagues see it"),
    role: list[str] = typer.Option(..., "--role", help="may be repeated; see docs/reference/permissions.md"),
) -> None:
    """创建账号 / Create an account; the person sets up a second factor at the first log-in."""
    django_ready()
    from weidai.staff.rules import Role
    from weidai.staff.services import CreateStaffUser, staff_user_create

    known = {one.value for one in Role}
    if unknown := [one for one in role if one not in known]:
        raise typer.BadParameter(f"{', '.join(unknown)}: choose from {', '.join(sorted(known))}", param_hint="--role")
    password = typer.prompt("密码 / Password (12+)", hide_input=True, confirmation_prompt=True)
    staff_user_create(CreateStaffUser(
        username=username, display_name=display_name, password=password, roles=frozenset(Role(one) for one in role),
        created_by=None))
    console.print(f"已创建 / created: {username}")


@app.command("list")
def list_command() -> None:
    """列出账号 / List accounts with their roles."""
    django_ready()
    from weidai.staff import selectors

    print_table("员工 / Staff", ["账号 account", "姓名 name", "岗位 roles", "启用 active", "双因子 second factor"], [
        (row.username, row.display_name, ", ".join(role.value for role in row.roles), row.is_active, row.has_second_factor)
        for row in selectors.staff_user_list()])
