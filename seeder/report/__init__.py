"""What people and machines are told: tables, JSON documents, exit codes."""
