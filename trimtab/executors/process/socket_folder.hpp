#pragma once

#include <string>

#include "trimtab/base/files.hpp"

namespace trimtab {

/// A short-named folder for the trials' sockets (a socket's path may have 107 bytes at most, which
/// a study's folder may not leave room for). It is locked while its engine lives; making one
/// removes those whose engine was killed.
class SocketFolder {
 public:
  /// @throws EnvironmentError "process.socket_folder" when neither TMPDIR nor /tmp can be written.
  SocketFolder();
  /// Removes the folder; sockets in it are gone by then.
  ~SocketFolder();
  SocketFolder(const SocketFolder&) = delete;
  SocketFolder& operator=(const SocketFolder&) = delete;

  const std::string& path() const { return path_; }
  /// The folder's own name, which no other engine on this machine has.
  std::string name() const { return path_.substr(path_.rfind('/') + 1); }

 private:
  std::string path_;
  UniqueFd lock_;
};

}  // namespace trimtab
