#pragma once

#include <string_view>

namespace trimtab::server {

/// The OpenAPI 3.1 document of the HTTP pages, JSON.
std::string_view open_api_document();

}  // namespace trimtab::server
