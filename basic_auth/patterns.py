"""Match texts with patterns in which `*` matches any characters. Pure."""


def matches(pattern: str, text: str) -> bool:
    """Return whether a pattern matches a whole text. Takes linear time for any input.

    Args:
        pattern: The pattern; each `*` matches any number of characters, including none.
        text: The text.
    """
    first, *middle = pattern.split("*")
    if not middle:
        return text == pattern
    last = middle.pop()
    if not text.startswith(first):
        return False
    position = len(first)
    for part in middle:
        found = text.find(part, position)
        if found < 0:
            return False
        position = found + len(part)
    return len(text) - len(last) >= position and text.endswith(last)
