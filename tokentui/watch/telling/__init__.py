"""Where alarms are told outside the screen: bell, title, desktop, webhooks, a program of the user."""
