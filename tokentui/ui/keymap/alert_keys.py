"""The keys about alerts, the past, and stopping a session; part of `keys.KEYS`."""

from __future__ import annotations

from tokentui.ui.keymap.key import Key

ALERT_KEYS: tuple[Key, ...] = (
    Key("culprit", "exclamation_mark", "culprit", "culprit", "Show what the loudest alert is about", "everywhere",
        "look closer", 3),
    Key("alerts", "a", "alerts", "alerts", "Open the alert log", "everywhere", "look closer", 4),
    Key("interrupt", "K", "interrupt", "stop", "Offer to interrupt this session; asks first", "session",
        "look closer", 4),
    Key("moment", "w", "moment", "as it was", "Show the dashboard as it stood when this alert was raised", "alerts",
        "time", 3),
    Key("acknowledge", "c", "acknowledge", "seen", "Mark this alert as seen", "alerts", "look closer", 3),
    Key("mute_rule", "m", "mute_rule", "mute rule", "Keep this alert's rule quiet for an hour", "alerts",
        "look closer", 3),
    Key("mute_session", "M", "mute_session", "mute session", "Keep this alert's session quiet for good", "alerts",
        "look closer", 4),
)  # fmt: skip

PAST_KEYS: tuple[Key, ...] = (
    Key("earlier", "left_square_bracket", "step_time(-60)", "a minute earlier",
        "Show the past: a minute earlier", "everywhere", "time"),
    Key("later", "right_square_bracket", "step_time(60)", "a minute later",
        "In the past, a minute later", "everywhere", "time"),
    Key("much_earlier", "left_curly_bracket", "step_time(-3600)", "an hour earlier",
        "Show the past: an hour earlier", "everywhere", "time"),
    Key("much_later", "right_curly_bracket", "step_time(3600)", "an hour later",
        "In the past, an hour later", "everywhere", "time"),
)  # fmt: skip

INTERRUPT_KEYS: tuple[Key, ...] = (
    Key("send_interrupt", "y", "send('interrupt')", "interrupt", "Send SIGINT to the session's process", "interrupt",
        "app", 1),
    Key("send_end", "T", "send('end')", "end", "Send SIGTERM, after SIGINT", "interrupt", "app", 2),
    Key("leave_interrupt", "escape,n,q", "leave", "leave", "Leave the session alone", "interrupt", "app", 3),
)  # fmt: skip
