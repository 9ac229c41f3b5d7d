"""The keys about budgets; part of `keys.KEYS`."""

from __future__ import annotations

from tokentui.ui.keymap.key import Key

BUDGET_KEYS: tuple[Key, ...] = (
    Key("budgets", "e", "budgets", "budgets", "Open the budgets: past windows, change, add, remove", "everywhere",
        "look closer"),
    Key("add_budget", "n", "add_budget", "new", "Add a budget", "budgets", "look closer", 3),
    Key("remove_budget", "D,delete", "remove_budget", "remove", "Remove this budget; asks first", "budgets",
        "look closer", 3),
    Key("budget_past", "tab,shift+tab", "app.focus_next", "past windows", "Focus the past windows, or the table again",
        "budgets", "panes", 5),
)  # fmt: skip

BUDGET_FORM_KEYS: tuple[Key, ...] = (
    Key("save_budget", "enter", "save", "save", "Save the budget", "budget form", "app", 1),
    Key("next_field", "tab,down", "app.focus_next", "next field", "To the next field", "budget form", "move"),
    Key("previous_field", "shift+tab,up", "app.focus_previous", "field before", "To the field before", "budget form",
        "move"),
    Key("leave_budget", "escape", "leave", "leave", "Leave the budget as it is", "budget form", "app", 2),
    Key("confirm_removal", "y", "remove", "remove", "Remove the budget", "removal", "app", 1),
    Key("keep_budget", "escape,n,q", "leave", "keep", "Keep the budget", "removal", "app", 2),
)  # fmt: skip
