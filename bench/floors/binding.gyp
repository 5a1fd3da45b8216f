{
  "targets": [
    {
      "target_name": "floors",
      "sources": [ "addon.c", "openssl.c", "sqlite.c" ],
      "include_dirs": [ "<!@(node ../../scripts/native-flags.js includes)" ],
      "defines": [ "NAPI_VERSION=9", "_POSIX_C_SOURCE=200809L" ],
      "cflags": [ "-O2", "-Wall", "-Wextra", "-fvisibility=hidden" ],
      "cflags_c": [ "-std=c11" ],
      "ldflags": [ "-Wl,--exclude-libs,ALL" ],
      "libraries": [ "<!@(node ../../scripts/native-flags.js libraries)" ]
    }
  ]
}
