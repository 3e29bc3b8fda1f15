#include "trimtab/server/open_api.hpp"

namespace trimtab::server {

std::string_view open_api_document() {
  return R"JSON({
  "openapi": "3.1.0",
  "info": {
    "title": "Trimtab",
    "version": "1",
    "description": "Reads the studies of a storage. A study's name in a path is percent-encoded."
  },
  "paths": {
    "/healthz": {"get": {"summary": "Whether the server lives",
      "responses": {"200": {"description": "ok", "content": {"text/plain": {}}}}}},
    "/metrics": {"get": {"summary": "Counters for Prometheus",
      "responses": {"200": {"description": "text format 0.0.4", "content": {"text/plain": {}}}}}},
    "/api/studies": {"get": {"summary": "Every study: name, created, url",
      "responses": {"200": {"description": "an array", "content": {"application/json": {}}}}}},
    "/api/studies/{study}": {"get": {"summary": "A study, as `trimtab show --json` without analyses",
      "parameters": [{"$ref": "#/components/parameters/study"}],
      "responses": {"200": {"description": "an object", "content": {"application/json": {}}},
        "404": {"$ref": "#/components/responses/error"}}}},
    "/api/studies/{study}/trials": {"get": {"summary": "Its trials, as `trimtab export json`",
      "parameters": [{"$ref": "#/components/parameters/study"},
        {"name": "after", "in": "query", "description": "from this number on",
         "schema": {"type": "integer", "default": 0}}],
      "responses": {"200": {"description": "an array", "content": {"application/json": {}}},
        "404": {"$ref": "#/components/responses/error"}}}},
    "/api/studies/{study}/trials.csv": {"get": {"summary": "Its trials, as `trimtab export csv`",
      "parameters": [{"$ref": "#/components/parameters/study"}],
      "responses": {"200": {"description": "RFC 4180", "content": {"text/csv": {}}},
        "404": {"$ref": "#/components/responses/error"}}}},
    "/api/studies/{study}/best": {"get": {"summary": "Its best trial, null when there is none",
      "parameters": [{"$ref": "#/components/parameters/study"}],
      "responses": {"200": {"description": "a trial", "content": {"application/json": {}}},
        "404": {"$ref": "#/components/responses/error"}}}},
    "/api/studies/{study}/live": {"get": {"summary": "Server-sent events: counts and best trial, at each change",
      "parameters": [{"$ref": "#/components/parameters/study"}],
      "responses": {"200": {"description": "a stream", "content": {"text/event-stream": {}}},
        "404": {"$ref": "#/components/responses/error"},
        "503": {"description": "too many streams"}}}},
    "/studies/{study}": {"get": {"summary": "Its report, the page of `trimtab report`",
      "parameters": [{"$ref": "#/components/parameters/study"}],
      "responses": {"200": {"description": "a page", "content": {"text/html": {}}},
        "404": {"$ref": "#/components/responses/error"}}}}
  },
  "components": {
    "parameters": {
      "study": {"name": "study", "in": "path", "required": true, "schema": {"type": "string"}}
    },
    "responses": {
      "error": {"description": "what was wrong", "content": {"application/json": {"schema": {
        "type": "object", "properties": {"error": {"type": "string"}, "got": {"type": "string"},
        "code": {"type": "string"}}}}}}
    }
  }
}
)JSON";
}

}  // namespace trimtab::server
