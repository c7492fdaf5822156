"""How much is too much: every bound on what strangers may send, in one place.

Those of pictures stand in app/imaging/limits.py, those of macros in app/prompts/. Bounds that a field alone knows (the
length of a prompt, of a name) stand here too, so that form, API and table agree.
"""

from __future__ import annotations

KIB = 1024
MIB = 1024 * KIB

# Bodies of requests, in bytes.
JSON_BODY_BYTES = 256 * KIB
FORM_BODY_BYTES = 1 * MIB
REPORT_BODY_BYTES = 16 * KIB  # a browser's report of a broken content security policy
UPLOAD_REQUEST_BYTES = 64 * MIB
UPLOAD_FILE_BYTES = 20 * MIB
UPLOAD_FILES = 8
FORM_PARTS = 100
# How fast they must come: no sooner than this, and no slower than a poor telephone sends.
BODY_PATIENCE_S = 20.0
BODY_BYTES_A_SECOND = 8 * KIB
# A ZIP of pictures: files in it, and their bytes once unpacked.
ZIP_FILES = 50
ZIP_BYTES = 256 * MIB
# A form or JSON that carries a whole wildcard file: JSON may write a character of 2 bytes in 6.
WILDCARD_BODY_BYTES = 4 * MIB

# Shape of JSON.
JSON_DEPTH = 32
JSON_ARRAY_ITEMS = 1_000
JSON_OBJECT_KEYS = 500
# Beyond a signed 64-bit integer neither database can store a number.
JSON_INTEGER = 2**63 - 1

# Texts, in characters.
PROMPT_CHARS = 4_000
CHAT_MESSAGE_CHARS = 16_000
WORKSPACE_NAME_CHARS = 80
FILE_NAME_CHARS = 120
URL_CHARS = 2_048
TAG_CHARS = 40
SEARCH_CHARS = 2_000
WILDCARD_PATH_CHARS = 200

# Wildcard files, in bytes of UTF-8: one, and all of a workspace. (app/prompts/ bounds their entries: 100,000 in all.)
WILDCARD_FILE_BYTES = 1 * MIB
WILDCARD_BYTES = 8 * MIB
# The braces, bars and double underscores in them: reading takes up to 40 microseconds for each.
WILDCARD_MARKS = 200_000

# Counts.
PAGE_SIZE = 100
API_KEYS = 10
WILDCARD_FILES = 500
# Pictures one act may be about: a click on "select all" must not hold a transaction for minutes.
SELECTED_IMAGES = 500
SAVED_SEARCHES = 50
# Of a workspace's conversation, and pictures shown with one message.
CHAT_MESSAGES = 5_000
CHAT_PICTURES = 4

# Most API requests in one second, on top of the rate an operator sets per minute.
API_BURST = 10
