"""The values that pass between the stages: frozen, slotted, made by parsing, free of I/O."""
