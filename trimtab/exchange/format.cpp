#include "trimtab/exchange/format.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>

#include "trimtab/base/error.hpp"
#include "trimtab/base/files.hpp"
#include "trimtab/base/text.hpp"

namespace trimtab::exchange {
namespace {

[[noreturn]] void refuse_source(const std::string& path, const char* what, std::string got) {
  throw UserError({.code = "import.source",
                   .what = what,
                   .where = path,
                   .got = std::move(got),
                   .expected = "a file of another program, see `trimtab list formats`",
                   .hint = ""});
}

}  // namespace

SourceFile open_source(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    refuse_source(path, "the source cannot be read", describe_errno(errno));
  }
  if (!S_ISREG(status.st_mode)) refuse_source(path, "the source is no file", "");
  std::ifstream file(path, std::ios::binary);
  SourceFile source{path, std::string(kHeadSize, '\0')};
  file.read(source.head.data(), static_cast<std::streamsize>(kHeadSize));
  if (!file && !file.eof()) {
    refuse_source(path, "the source cannot be read", describe_errno(errno));
  }
  source.head.resize(static_cast<std::size_t>(file.gcount()));
  return source;
}

const Format& find_format(const std::vector<Format>& formats, const std::string& name,
                          const SourceFile& source) {
  std::vector<std::string> names;
  for (const Format& format : formats) {
    if (name.empty() ? format.recognises && format.recognises(source) : format.name == name) {
      return format;
    }
    names.push_back(format.name);
  }
  throw UserError(
      {.code = "import.format",
       .what = name.empty() ? "the source is of no known format" : "there is no such format",
       .where = name.empty() ? source.path : "--format",
       .got = name.empty() ? "" : quote(name),
       .expected = one_of(names),
       .hint = name.empty() ? "" : did_you_mean(name, names)});
}

StudyFileText make_study_file(const Format& format, const SourceFile& source) {
  try {
    return format.read_study_file(source);
  } catch (const Json::exception& error) {
    throw UserError({.code = "import.structure",
                     .what = "a part of the file is not of the type that its format has there",
                     .where = source.path,
                     .got = error.what(),
                     .expected = format.purpose,
                     .hint = ""});
  }
}

}  // namespace trimtab::exchange
