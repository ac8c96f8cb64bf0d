"""Builds a service's Flask application: errors, gate, health, API description, pages, style sheets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import flask_bootstrap
import swagger_ui_bundle
from flask import Blueprint, Flask, Response, g, request, send_from_directory
from flask_bootstrap import Bootstrap5
from flask_smorest import Api
from joserfc.jwk import KeySet
from werkzeug.middleware.proxy_fix import ProxyFix

from shared import auth, errors, health, operations
from shared.db import Database
from shared.durable import Context
from shared.inbox import WebhookHandlers
from shared.sessions import KeyRing
from shared.web import filters, messages  # noqa: F401
from shared.webhooks import receive
from shared.webhooks.api import blueprint as webhooks_api

HERE = Path(__file__).parent
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'self'; "
    "script-src 'self'"
)
UPLOAD_LIMIT = 20_000_000  # bytes, for any one request; routes that take less say so
SWAGGER_UI = Path(swagger_ui_bundle.__file__).parent / "vendor" / "swagger-ui-4.15.5"
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"


def create_web_app(
    context: Context,
    db: Database,
    *,
    title: str,
    apis: Sequence[Blueprint],
    pages: Sequence[Blueprint],
    webhooks: WebhookHandlers,
    known_keys: KeySet | None = None,
) -> Flask:
    """The application of one service. *known_keys* spares the login service a call to itself."""
    settings = context.settings
    app = Flask(settings.service, template_folder=str(HERE / "templates"), static_folder=str(HERE / "static"))
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        OPENAPI_SWAGGER_UI_PATH="/docs",
        OPENAPI_SWAGGER_UI_URL="vendor/swagger-ui/",  # relative to /docs, wherever the service is mounted
        BOOTSTRAP_SERVE_LOCAL=True,
        MAX_CONTENT_LENGTH=UPLOAD_LIMIT,
        MAX_FORM_MEMORY_SIZE=1_000_000,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["luwes.context"] = context
    app.extensions["luwes.db"] = db
    app.extensions["luwes.keys"] = KeyRing(settings.jwks_url, settings.http_timeout, known=known_keys)
    # The sender's address, for sources that are known by it: the last one that a proxy of ours has added.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    auth.install(app)
    Bootstrap5(app)
    filters.install(app)
    api = Api(app)
    errors.register(app)  # after the API, whose own error handler answers in another form
    app.register_blueprint(health.blueprint)
    app.register_blueprint(receive.blueprint(webhooks, context, db))
    app.register_blueprint(_vendor())
    for blueprint in [*apis, operations.blueprint, webhooks_api]:
        api.register_blueprint(blueprint)
    for blueprint in pages:
        app.register_blueprint(blueprint)

    @app.after_request
    def _finish(response: Response) -> Response:
        health.REQUESTS.labels(settings.service, request.method, response.status_code).inc()
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        described = (request.endpoint or "").startswith("api-docs.")  # its page starts itself by an inline script
        response.headers.setdefault(
            "Content-Security-Policy", CONTENT_SECURITY_POLICY + (" 'unsafe-inline'" if described else "")
        )
        if g.get("who") is not None:
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return app


def _vendor() -> Blueprint:
    """Front-end files that come inside Python packages, so that none is copied into the repository."""
    vendor = Blueprint("vendor", __name__)

    @vendor.get("/vendor/swagger-ui/<path:name>")
    def swagger_ui(name: str) -> Response:
        return send_from_directory(SWAGGER_UI, name, max_age=86400)

    @vendor.get("/vendor/bootstrap/<path:name>")
    def bootstrap(name: str) -> Response:
        return send_from_directory(BOOTSTRAP, name, max_age=86400)

    return vendor
