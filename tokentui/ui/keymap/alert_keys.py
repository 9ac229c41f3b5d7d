"""The keys about alerts, the past, and stopping a session; part of `keys.KEYS`."""

from __future__ import annotations

from tokentui.ui.keymap.key import Key

ALERT_KEYS: tuple[Key, ...] = (
    Key("culprit", keys="exclamation_mark", action="culprit", context="everywhere", group="look closer", hint=3,
        description="culprit", tooltip="Show what the loudest alert is about"),
    Key("alerts", keys="a", action="alerts", context="everywhere", group="look closer", hint=4,
        description="alerts", tooltip="Open the alert log"),
    Key("interrupt", keys="K", action="interrupt", context="session", group="look closer", hint=4,
        description="stop", tooltip="Offer to interrupt this session; asks first"),
    Key("moment", keys="w", action="moment", context="alerts", group="time", hint=3,
        description="as it was", tooltip="Show the dashboard as it stood when this alert was raised"),
    Key("acknowledge", keys="c", action="acknowledge", context="alerts", group="look closer", hint=3,
        description="seen", tooltip="Mark this alert as seen"),
    Key("mute_rule", keys="m", action="mute_rule", context="alerts", group="look closer", hint=3,
        description="mute rule", tooltip="Keep this alert's rule quiet for an hour"),
    Key("mute_session", keys="M", action="mute_session", context="alerts", group="look closer", hint=4,
        description="mute session", tooltip="Keep this alert's session quiet for good"),
)  # fmt: skip

PAST_KEYS: tuple[Key, ...] = (
    Key("earlier", keys="left_square_bracket", action="step_time(-60)", context="everywhere", group="time",
        description="a minute earlier", tooltip="Show the past: a minute earlier"),
    Key("later", keys="right_square_bracket", action="step_time(60)", context="everywhere", group="time",
        description="a minute later", tooltip="In the past, a minute later"),
    Key("much_earlier", keys="left_curly_bracket", action="step_time(-3600)", context="everywhere", group="time",
        description="an hour earlier", tooltip="Show the past: an hour earlier"),
    Key("much_later", keys="right_curly_bracket", action="step_time(3600)", context="everywhere", group="time",
        description="an hour later", tooltip="In the past, an hour later"),
)  # fmt: skip

INTERRUPT_KEYS: tuple[Key, ...] = (
    Key("send_interrupt", keys="y", action="send('interrupt')", context="interrupt", group="app", hint=1,
        description="interrupt", tooltip="Send SIGINT to the session's process"),
    Key("send_end", keys="T", action="send('end')", context="interrupt", group="app", hint=2,
        description="end", tooltip="Send SIGTERM, after SIGINT"),
    Key("leave_interrupt", keys="escape,n,q", action="leave", context="interrupt", group="app", hint=3,
        description="leave", tooltip="Leave the session alone"),
)  # fmt: skip
