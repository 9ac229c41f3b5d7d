"""What the dashboard asks every second."""
