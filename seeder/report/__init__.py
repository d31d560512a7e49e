"""What people and machines are told: tables, JSON documents, exit codes."""

from seeder.report.output import document, emit

__all__ = ["document", "emit"]
