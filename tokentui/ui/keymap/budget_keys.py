"""The keys about budgets; part of `keys.KEYS`."""

from __future__ import annotations

from tokentui.ui.keymap.key import Key

BUDGET_KEYS: tuple[Key, ...] = (
    Key("budgets", keys="e", action="budgets", context="everywhere", group="look closer",
        description="budgets", tooltip="Open the budgets: past windows, change, add, remove"),
    Key("add_budget", keys="n", action="add_budget", context="budgets", group="look closer", hint=3,
        description="new", tooltip="Add a budget"),
    Key("remove_budget", keys="D,delete", action="remove_budget", context="budgets", group="look closer", hint=3,
        description="remove", tooltip="Remove this budget; asks first"),
    Key("budget_past", keys="tab,shift+tab", action="app.focus_next", context="budgets", group="panes", hint=5,
        description="past windows", tooltip="Focus the past windows, or the table again"),
)  # fmt: skip

BUDGET_FORM_KEYS: tuple[Key, ...] = (
    Key("save_budget", keys="enter", action="save", context="budget form", group="app", hint=1,
        description="save", tooltip="Save the budget"),
    Key("next_field", keys="tab,down", action="app.focus_next", context="budget form", group="move",
        description="next field", tooltip="To the next field"),
    Key("previous_field", keys="shift+tab,up", action="app.focus_previous", context="budget form", group="move",
        description="field before", tooltip="To the field before"),
    Key("leave_budget", keys="escape", action="leave", context="budget form", group="app", hint=2,
        description="leave", tooltip="Leave the budget as it is"),
    Key("confirm_removal", keys="y", action="remove", context="removal", group="app", hint=1,
        description="remove", tooltip="Remove the budget"),
    Key("keep_budget", keys="escape,n,q", action="leave", context="removal", group="app", hint=2,
        description="keep", tooltip="Keep the budget"),
)  # fmt: skip
