class Trouble(Exception):  # noqa: N818 - it is a sentence for the operator, not a fault of the program
    """Something the operator can mend. The message is a sentence that says how."""
