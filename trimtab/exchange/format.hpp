#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "trimtab/core/storage.hpp"
#include "trimtab/core/trial.hpp"

namespace trimtab::exchange {

/// A file of another program's.
struct SourceFile {
  std::string path;
  std::string head;  ///< its first bytes, kHeadSize at most
};
inline constexpr std::size_t kHeadSize = 65536;

/// Opens a source. @throws UserError when it is missing, no file, or cannot be read.
SourceFile open_source(const std::string& path);

struct ReadOptions {
  std::string study = {};  ///< this one alone; "" = all
  std::string times =
      {};  ///< what times without a zone mean: "utc", "local"; "" = as the file says
};

/// A study's whole content, ready to be stored.
struct StudyContent {
  std::string spec = {};                        ///< of the study's record, JSON
  Storage::Batch events = {};                   ///< its log
  std::array<std::int64_t, 5> num_trials = {};  ///< by state
  std::int64_t num_parameters = 0;
  std::vector<std::string> notes = {};  ///< what is not as it was, a sentence each
};

/// A study of another program's, read and checked.
struct ForeignStudy {
  std::string name;
  /// What it becomes under a name. The same name and fallback give the same content.
  /// @param fallback  the time of what has none. @throws UserError.
  std::function<StudyContent(const std::string& name, Timestamp fallback)> make;
};

/// A study file made from another program's file.
struct StudyFileText {
  std::string name = {};                ///< the study's
  std::string text = {};                ///< TOML
  std::vector<std::string> notes = {};  ///< what is not the same; they are comments of the text too
};

/// A file that follows a study of ours.
class Mirror {
 public:
  virtual ~Mirror() = default;
  /// Writes what the study's log has new. @returns how many events that were.
  /// @throws EnvironmentError when the storage or the file refuses; it may be called again.
  virtual std::int64_t catch_up() = 0;
};

struct MirrorOptions {
  std::string times = {};  ///< what times without a zone are: "utc", "local"; "" = as is usual
};

/// A format that studies, spaces or results can come from or go to.
struct Format {
  std::string name;     ///< "optuna-sqlite"
  std::string purpose;  ///< one line
  std::function<bool(const SourceFile&)> recognises = {};
  /// Reads the studies of a file; nothing = the format has none. @throws UserError.
  std::function<std::vector<ForeignStudy>(const SourceFile&, const ReadOptions&)> read_studies = {};
  /// Makes a study file; nothing = the format has studies, not their descriptions.
  /// @throws UserError with everything that a study file cannot say.
  std::function<StudyFileText(const SourceFile&)> read_study_file = {};
  /// Writes a study into a file, which is whole on return and can follow the study from there;
  /// nothing = the format cannot be written. @throws UserError when the file may not be written.
  std::function<std::unique_ptr<Mirror>(const Storage&, const StudyRecord&, const std::string& path,
                                        const MirrorOptions&)>
      open_mirror = {};
};

/// The formats of this build; generated from the folders' registration lines.
std::vector<Format> make_formats();

/// The format of that name, or for "" the one that recognises the source.
/// @throws UserError with the names that there are.
const Format& find_format(const std::vector<Format>& formats, const std::string& name,
                          const SourceFile& source);

/// What the format makes of a source. @throws UserError, also when a part of the source is of
/// another type than it must be.
StudyFileText make_study_file(const Format& format, const SourceFile& source);

}  // namespace trimtab::exchange

// One line per format's folder, at the start of a line in its .cpp, outside of any namespace; the
// build generates `make_formats` from it.
#define TRIMTAB_FORMAT(folder, entry)             \
  namespace trimtab::exchange {                   \
  Format make_format_##folder();                  \
  Format make_format_##folder() { return entry; } \
  }
