"""The schema of the database: tables and views by subject, and the migrations that make them one after another."""
