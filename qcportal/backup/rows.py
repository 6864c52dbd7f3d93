"""Tables as JSON lines with raw primary keys, exact to the microsecond, and back."""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models

# People log in again after a restore, and upload again what they had not confirmed.
LEFT_OUT = {"sessions.session", "qcportal.heartbeat", "applications.pendingimport"}
BATCH = 500


def tables() -> list[type[models.Model]]:
    """Every table with rows of ours, many-to-many ones too; a table comes after those it points to."""
    found = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in LEFT_OUT
    ]
    ordered: list[type[models.Model]] = []
    for model in sorted(found, key=lambda each: each._meta.label_lower):
        _place(model, found, ordered, set())
    return ordered


def _place(
    model: type[models.Model], found: list[type[models.Model]], ordered: list[type[models.Model]], above: set[Any]
) -> None:
    if model in ordered or model in above or model not in found:
        return
    for field in model._meta.concrete_fields:
        if field.remote_field and isinstance(field.remote_field.model, type):
            _place(field.remote_field.model, found, ordered, above | {model})
    ordered.append(model)


def dump(model: type[models.Model]) -> Iterator[str]:
    """One line for each row, by primary key."""
    names = [field.attname for field in model._meta.concrete_fields]
    rows = model._base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=BATCH):
        yield json.dumps(dict(zip(names, row, strict=True)), default=_plain, ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (Decimal, UUID)):
        return str(value)
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode("ascii")
    raise TypeError(f"cannot write {type(value).__name__}")


def load(model: type[models.Model], lines: Iterable[str]) -> int:
    """Insert the rows as they were. Values pass through the fields, so either engine gets its own types."""
    count = 0
    batch: list[models.Model] = []
    for line in lines:
        batch.append(_row(model, json.loads(line)))
        if len(batch) == BATCH:
            count += len(model._base_manager.bulk_create(batch))
            batch = []
    return count + len(model._base_manager.bulk_create(batch))


def _row(model: type[models.Model], values: dict[str, Any]) -> models.Model:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    return model(**{name: _python(fields[name], value) for name, value in values.items()})


def _python(field: "models.Field[Any, Any]", value: Any) -> Any:
    if value is None or isinstance(field, (models.JSONField, models.ForeignKey)):
        return value
    if isinstance(field, models.DurationField):
        return timedelta(seconds=value)
    return field.to_python(value)


def digest() -> str:
    """SHA-256 over every row of every table: two databases with the same digest hold the same."""
    total = hashlib.sha256()
    for model in tables():
        total.update(f"{model._meta.label_lower}\n".encode())
        for line in dump(model):
            total.update(line.encode() + b"\n")
    return total.hexdigest()
