"""What the pages with forms share: an action tried, its refusal in words; what was typed kept."""

from __future__ import annotations

from typing import Any

import ckan.plugins.toolkit as tk
from ckan.types import Context, DataDict

Errors = dict[str, Any]


def context() -> Context:
    """The reader's."""
    return Context(user=tk.current_user.name)


def log_in_first() -> None:
    """Answer 403 to a reader who is not logged in."""
    if tk.current_user.is_anonymous:
        tk.abort(403, tk._("Log in first"))


def call(action: str, **data: Any) -> Any:
    """Run an action as the reader: 404 for what does not exist, 403 for what is not theirs."""
    try:
        return tk.get_action(action)(context(), data)
    except tk.ObjectNotFound as error:
        return tk.abort(404, str(error))
    except tk.NotAuthorized as error:
        return tk.abort(403, str(error) or tk._("This page is not for your account"))


def attempt(action: str, data: DataDict) -> tuple[Any, Errors]:
    """As :func:`call`; what is wrong with what was typed, by field."""
    try:
        return call(action, **data), {}
    except tk.ValidationError as error:
        return None, dict(error.error_dict)


def allowed(action: str, **data: Any) -> bool:
    """Whether the reader may do something (to show its button or not)."""
    try:
        tk.check_access(action, context(), data)
    except (tk.NotAuthorized, tk.ObjectNotFound):
        return False
    return True


def typed() -> DataDict:
    """What the form sent, files among it; boxes of one name as a list."""
    sent: DataDict = {name: tk.request.form.get(name, "") for name in tk.request.form}
    sent["etapes"] = tk.request.form.getlist("etapes")
    upload = tk.request.files.get("upload")
    return {**sent, "upload": upload} if upload and upload.filename else sent


def told(errors: Errors) -> str:
    """The errors as one sentence, to be flashed."""
    return " ".join(
        str(text) for texts in errors.values() for text in (texts if isinstance(texts, list) else [texts])
    )
