"""One table of routes: what each takes and gives. The application and the OpenAPI document are made of it."""

from aiohttp import web

from service import (
    api,
    catalog,
    comparison,
    files,
    functions,
    languages,
    metrics,
    model_pictures,
    models,
    orders,
    prompts,
    queue_api,
    recipe,
    settings,
    skipping,
    stream,
    subgraphs,
    values,
)
from service import results as gallery
from service import web as editor
from service import workflows as saved
from service.fields import LONGEST_PAGE, PAGE
from service.openapi import Route, document_of
from service.protocol import answer
from service.schemas import (
    ANYTHING,
    CHOICES,
    NUMBER,
    OBJECT,
    ORDER,
    PRIORITY,
    SCALAR,
    STARTED,
    STATUS,
    TEXT,
    TRUTH,
    WHOLE,
    many,
    maybe,
    record,
    ref,
)

CURSOR = {"type": "integer", "minimum": 0, "maximum": 10**18 - 1}
KEY = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"}
LISTED = record({"name": TEXT, "title": ANYTHING, "description": ANYTHING, "topic": ANYTHING, "saved": TRUTH})
STEP = record({"id": TEXT, "type": TEXT, "state": {"enum": ["cached", "will_run", "blocked"]}})
LOOK = record({"kind": TEXT}, {"class": TEXT, "count": WHOLE, "pictures": WHOLE, "tensor": OBJECT})
PLACE = {"type": "integer", "minimum": 0, "maximum": values.MOST_OUTPUTS, "default": 0}
INDEX = {"type": "integer", "minimum": 0, "maximum": values.MOST_PICTURES, "default": 0}
SIDE = {"type": "integer", "minimum": values.LEAST_SIDE, "maximum": values.MOST_SIDE}
CATALOG = {
    "nodes": many(ref("NodeType")),
    "types": OBJECT,
    "conversions": many(many(TEXT)),
    "renames": OBJECT,
    "problems": many(ref("Problem")),
}
SEARCH = {
    "text": TEXT,
    "status": STATUS,
    "client": TEXT,
    "since": NUMBER,
    "until": NUMBER,
    "before": CURSOR,
    "limit": {"type": "integer", "minimum": 1, "maximum": LONGEST_PAGE, "default": PAGE},
}
MOVE = record({}, {"before": TEXT, "after": TEXT, "to": {"enum": ["front", "back"]}, "priority": PRIORITY})
SKIP = {
    **record({}, {"node": maybe(TEXT), "coordinate": {**OBJECT, "additionalProperties": SCALAR}}),
    "anyOf": [
        {"required": ["node"], "properties": {"node": TEXT}},
        {"required": ["coordinate"], "properties": {"coordinate": {"minProperties": 1}}},
    ],
}
DIFFERENCE = {
    "before": TEXT,
    "after": TEXT,
    "changes": many(ref("Change")),
    "artifacts": record({"before": many(ref("Artifact")), "after": many(ref("Artifact"))}),
}
MACHINE = {
    "version": TEXT,
    "python": TEXT,
    "loaded": TRUTH,
    "clients": WHOLE,
    "running": maybe(TEXT),
    "cache": OBJECT,
}
MODEL = record(
    {"name": TEXT, "facts": OBJECT, "workflows": many(TEXT), "runs": WHOLE},
    {
        **{"bytes": WHOLE, "modified": NUMBER, "digest": TEXT, "sha256": TEXT, "problem": TEXT},
        "picture": TRUTH,
        "result": maybe(record({"folder": TEXT, "name": TEXT})),
    },
)
NAMED_MODEL = record(
    {"folder": TEXT, "name": TEXT},
    {"bytes": WHOLE, "sha256": TEXT, "tensors": TEXT, "family": TEXT, "url": TEXT},
)
READ = record({"folder": TEXT, "name": TEXT, "sha256": TEXT})
MODEL_FOLDER = record({"name": TEXT, "models": WHOLE, "bytes": WHOLE})
RESULT = record(
    {"run": TEXT, "title": TEXT, "queued": NUMBER, "folder": TEXT, "name": TEXT, "digest": TEXT},
    {"width": WHOLE, "height": WHOLE, "step": TEXT},
)
KEPT_SUBGRAPH = record({"name": TEXT, "workflow": OBJECT})
THROWN = record({"id": TEXT, "folder": TEXT, "name": TEXT, "deleted": NUMBER})
SPOKEN = record({"code": TEXT, "name": TEXT})
TEXTS = {"code": TEXT, "name": TEXT, "texts": OBJECT, "titles": OBJECT, "names": OBJECT, "categories": OBJECT}
PROMPT = record(
    {"text": {"type": "string", "maxLength": prompts.LONGEST_TEXT}, "rules": {"enum": ["comfy", "a1111"]}},
    {"steps": {"type": "integer", "minimum": 1, "maximum": 10_000}},
)
TOKENS = record({"windows": many(WHOLE), "starts": many(WHOLE), "texts": WHOLE})
PHRASE = many({"type": ["string", "integer"]})
VOCABULARY = {
    "phrases": many(PHRASE),
    "concepts": many(TEXT),
    "embeddings": many(TEXT),
    "loras": many(TEXT),
}
SETTINGS = {"type": "object", "propertyNames": {"minLength": 1, "maxLength": settings.LONGEST_NAME}}
FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
UPLOAD = record({"file": FILE}, {"folder": {"enum": ["input"]}, "subfolder": TEXT})
ONLY = {"additionalProperties": False}


async def openapi(request: web.Request) -> web.Response:
    """This protocol as an OpenAPI document."""
    return answer(document_of(ROUTES, api.VERSION))


ROUTES = (
    Route("GET", "/api/v1/nodes", catalog.nodes, record(CATALOG)),
    Route("GET", "/api/v1/nodes/{type:.+}/doc", catalog.doc, record({"page": TEXT})),
    Route(
        "POST",
        "/api/v1/plan",
        api.plan,
        record(
            {
                **{"problems": many(ref("Problem")), "steps": many(STEP), "facts": OBJECT},
                "models": many(NAMED_MODEL),
            }
        ),
        takes=record({"workflow": ANYTHING}, CHOICES),
    ),
    Route(
        "GET",
        "/api/v1/values/{key}",
        values.show_value,
        LOOK,
        query={"output": PLACE},
    ),
    Route(
        "GET",
        "/api/v1/values/{key}/picture",
        values.show_picture,
        "image/*",
        query={"output": PLACE, "index": INDEX, "preview": SIDE},
    ),
    Route(
        "POST",
        "/api/v1/runs",
        orders.start_run,
        STARTED,
        status=202,
        takes=record({"workflow": ref("Workflow")}, ORDER),
        headers={"Idempotency-Key": KEY},
    ),
    Route(
        "GET",
        "/api/v1/runs",
        api.list_runs,
        record({"runs": many(ref("Run")), "next": maybe(WHOLE)}),
        query=SEARCH,
    ),
    Route("GET", "/api/v1/runs/{run}", api.show_run, ref("RunWithDocument")),
    Route("GET", "/api/v1/runs/{run}/diff/{other}", comparison.compare_runs, record(DIFFERENCE)),
    Route(
        "PUT",
        "/api/v1/runs/{run}",
        orders.edit_run,
        STARTED,
        takes=record({}, {"workflow": ref("Workflow"), **CHOICES}),
    ),
    Route("POST", "/api/v1/runs/{run}/cancel", api.cancel_run, record({"run": TEXT, "status": STATUS})),
    Route("POST", "/api/v1/runs/{run}/skip", skipping.skip, record({"run": TEXT}), status=202, takes=SKIP),
    Route(
        "POST",
        "/api/v1/runs/{run}/move",
        orders.move_run,
        record({"run": TEXT, "priority": WHOLE, "place": NUMBER}),
        takes=MOVE,
    ),
    Route(
        "POST",
        "/api/v1/runs/{run}/retry",
        orders.retry_run,
        STARTED,
        status=202,
        takes=record({}, ORDER),
        body_optional=True,
    ),
    Route("GET", "/api/v1/queue", queue_api.show_queue, ref("Queue")),
    Route("POST", "/api/v1/queue/pause", queue_api.pause, ref("Queue")),
    Route("POST", "/api/v1/queue/resume", queue_api.resume, ref("Queue")),
    Route(
        "POST",
        "/api/v1/queue/cancel",
        queue_api.cancel_all,
        record({"cancelled": many(TEXT)}),
        takes=record({}, {"client": maybe(TEXT)}),
        body_optional=True,
    ),
    Route(
        "GET",
        "/api/v1/events",
        api.events,
        record({"events": many(ref("Event")), "last": WHOLE}),
        query={"since": CURSOR},
    ),
    Route(
        "GET",
        "/api/v1/events/stream",
        stream.serve_stream,
        "text/event-stream",
        query={"since": CURSOR},
        headers={"Last-Event-ID": CURSOR},
    ),
    Route("GET", "/api/v1/socket", api.socket, status=101, query={"since": CURSOR, "batched": ANYTHING}),
    Route(
        "GET",
        "/api/v1/files/{folder}/{path:.+}",
        files.get_file,
        "*/*",
        query={"preview": {"type": "integer", "minimum": 16, "maximum": 1024}},
    ),
    Route("DELETE", "/api/v1/files/{folder}/{path:.+}", gallery.delete_file, record({"trash": TEXT})),
    Route(
        "GET",
        "/api/v1/results",
        gallery.results,
        record({"results": many(RESULT), "next": maybe(WHOLE)}),
        query=SEARCH,
    ),
    Route("GET", "/api/v1/trash", gallery.show_trash, record({"trash": many(THROWN)})),
    Route(
        "GET",
        "/api/v1/trash/{id}",
        gallery.show_deleted,
        "image/webp",
        query={"preview": {"type": "integer", "minimum": 16, "maximum": 1024}},
    ),
    Route("POST", "/api/v1/trash/{id}/restore", gallery.restore_file, record({"folder": TEXT, "name": TEXT})),
    Route(
        "POST",
        "/api/v1/uploads",
        files.upload,
        record({"folder": TEXT, "name": TEXT}),
        status=201,
        form={**UPLOAD, **ONLY},
    ),
    Route("GET", "/api/v1/models", models.model_folders, record({"folders": many(MODEL_FOLDER)})),
    Route(
        "GET",
        "/api/v1/models/{folder}",
        models.models,
        record({"models": many(TEXT)}, {"details": many(MODEL)}),
        query={"details": ANYTHING, "name": many(TEXT)},
    ),
    Route(
        "GET",
        "/api/v1/models/{folder}/{name:.+}/picture",
        model_pictures.model_picture,
        "image/webp",
        query={"preview": {"type": "integer", "minimum": 16, "maximum": 1024}},
    ),
    Route(
        "GET",
        "/api/v1/digests",
        models.digests,
        record({"digests": many(READ), "unread": WHOLE}),
        query={"folder": TEXT},
    ),
    Route("POST", "/api/v1/tokens", prompts.count_tokens, TOKENS, takes=PROMPT),
    Route("GET", "/api/v1/vocabulary", prompts.vocabulary, record(VOCABULARY)),
    Route("GET", "/api/v1/workflows", saved.list_workflows, record({"workflows": many(LISTED)})),
    Route(
        "GET",
        "/api/v1/workflows/{name}",
        functions.show_workflow,
        record({"workflow": OBJECT, "parameters": OBJECT}),
    ),
    Route(
        "PUT",
        "/api/v1/workflows/{name}",
        saved.save_workflow,
        record({"name": TEXT}),
        status=201,
        takes=record({"workflow": ref("Workflow")}),
    ),
    Route("DELETE", "/api/v1/workflows/{name}", saved.delete_workflow, record({"name": TEXT})),
    Route(
        "POST",
        "/api/v1/workflows/{name}/runs",
        functions.call_workflow,
        STARTED,
        status=202,
        takes=record({}, ORDER),
        headers={"Idempotency-Key": KEY},
    ),
    Route("GET", "/api/v1/subgraphs", subgraphs.list_subgraphs, record({"subgraphs": many(KEPT_SUBGRAPH)})),
    Route("GET", "/api/v1/subgraphs/{name}", subgraphs.show_subgraph, record({"workflow": OBJECT})),
    Route(
        "PUT",
        "/api/v1/subgraphs/{name}",
        subgraphs.save_subgraph,
        record({"name": TEXT}),
        status=201,
        takes=record({"workflow": ref("Workflow")}),
    ),
    Route("DELETE", "/api/v1/subgraphs/{name}", subgraphs.delete_subgraph, record({"name": TEXT})),
    Route(
        "POST",
        "/api/v1/recipe",
        recipe.recipe,
        record({"workflow": OBJECT}),
        form={**record({"file": FILE}), **ONLY},
    ),
    Route("GET", "/api/v1/settings", settings.show_settings, record({"settings": OBJECT})),
    Route(
        "PATCH",
        "/api/v1/settings",
        settings.change_settings,
        record({"settings": OBJECT}),
        takes=record({"settings": SETTINGS}),
    ),
    Route("GET", "/api/v1/languages", languages.list_languages, record({"languages": many(SPOKEN)})),
    Route("GET", "/api/v1/languages/{code}", languages.show_language, record(TEXTS)),
    Route("GET", "/api/v1/system", api.system, record(MACHINE)),
    Route("GET", "/api/v1/openapi.json", openapi, OBJECT),
    Route("GET", "/metrics", metrics.metrics),
    Route("GET", "/vendor/{path:.+}", editor.vendor_file),
    Route("GET", "/", editor.index),
    Route("GET", "/{path:.+}", editor.web_file),
)
