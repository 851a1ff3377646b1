from accounts.roles import DESCRIPTIONS, Role, allows
from config.env import CHECKOUT


def test_the_page_about_roles_shows_the_table_that_is_in_force() -> None:
    page = (CHECKOUT / "docs" / "roles.md").read_text()
    for permission, sentence in DESCRIPTIONS.items():
        cells = " | ".join("yes" if allows(role, permission) else "no" for role in Role)
        assert f"| {sentence} | {cells} |" in page
