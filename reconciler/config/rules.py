"""The names of everything that can be wrong with a configuration directory; machine formats and tests rely on them."""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """A stable identifier a problem; new ones are added, none is renamed."""

    # Files
    UNREADABLE_FILE = "unreadable-file"
    NOT_A_FILE = "not-a-file"
    LINK_OUTSIDE = "link-outside"
    FILE_TOO_LARGE = "file-too-large"
    # YAML
    NOT_UTF8 = "not-utf8"
    CONTROL_CHARACTER = "control-character"
    LINE_SEPARATOR = "line-separator"
    YAML_SYNTAX = "yaml-syntax"
    YAML_VERSION = "yaml-version"
    DUPLICATE_KEY = "duplicate-key"
    MERGE_KEY = "merge-key"
    COMPLEX_KEY = "complex-key"
    TAG = "tag"
    UNDEFINED_ALIAS = "undefined-alias"
    RECURSIVE_ALIAS = "recursive-alias"
    ALIAS_BOMB = "alias-bomb"
    TOO_DEEP = "too-deep"
    NOT_A_MAPPING = "not-a-mapping"
    # Shape, from the schemas
    API_VERSION = "api-version"
    UNKNOWN_KIND = "unknown-kind"
    UNKNOWN_FIELD = "unknown-field"
    MISSING_FIELD = "missing-field"
    WRONG_TYPE = "wrong-type"
    NULL_VALUE = "null-value"
    OUT_OF_RANGE = "out-of-range"
    UNKNOWN_VALUE = "unknown-value"
    BAD_FORMAT = "bad-format"
    TOO_LONG = "too-long"
    TOO_SHORT = "too-short"
    REPEATED = "repeated"
    FIELD_COMBINATION = "field-combination"
    PASSWORD_LITERAL = "password-literal"
    SCHEMA = "schema"
    # Meaning, across documents
    NO_DOCUMENTS = "no-documents"
    DUPLICATE_NAME = "duplicate-name"
    DUPLICATE_NATURAL_KEY = "duplicate-natural-key"
    DUPLICATE_ID = "duplicate-id"
    DUPLICATE_MEMBERSHIP = "duplicate-membership"
    DUPLICATE_MEMBER = "duplicate-member"
    CONFLICTING_MEMBER = "conflicting-member"
    UNKNOWN_REFERENCE = "unknown-reference"
    MANAGED_REFERENCE = "managed-reference"
    UNKNOWN_CATALOG_NAME = "unknown-catalog-name"
    CATALOG_CONFLICT = "catalog-conflict"
    BAD_DATE = "bad-date"
    DROPPED_FIELD = "dropped-field"
    INEFFECTIVE_FIELD = "ineffective-field"
    INACTIVE_RUNNING = "inactive-running"
    PROTECTED_LOGIN = "protected-login"
    LIFECYCLE_FIELD = "lifecycle-field"
    # Project
    PROJECT = "project"
    UNKNOWN_TARGET = "unknown-target"
    UNKNOWN_VARIABLE = "unknown-variable"
    BAD_SETTING = "bad-setting"
