"""Judge: what the world is told of. The room that knows a fact builds its payload, and adds its kind here."""

TEST_REQUESTED = "test.requested"
REGISTRY_LOADED = "registry.loaded"
NUMBER_SUPPRESSED = "number.suppressed"

# kind → what has happened when such an event appears
KINDS: dict[str, str] = {
    TEST_REQUESTED: "Somebody asked for a test event, to see one arrive. Its data.note is what they wrote.",
    REGISTRY_LOADED: "A list of numbers came into force, or results were added. Its data says which, of what day,"
    " and how many numbers it holds; never a number.",
    NUMBER_SUPPRESSED: "Somebody must not be called again. Its data names the number, the person by the key you gave"
    " us, what it covers (PERSON or NUMBER), the purpose and channel it is limited to, how they said so, and when.",
}
