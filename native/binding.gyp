{
  "targets": [
    {
      "target_name": "signet",
      "sources": [ "<!@(node ../scripts/native-flags.js sources)" ],
      "include_dirs": [
        "../include",
        "../src",
        "../node_modules/node-addon-api",
        "<!@(node ../scripts/native-flags.js includes)"
      ],
      "defines": [
        "NAPI_VERSION=9",
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        "OPENSSL_API_COMPAT=30000",
        "_POSIX_C_SOURCE=200809L",
        "<!@(node ../scripts/native-flags.js defines)"
      ],
      "cflags!": [ "-fno-exceptions" ],
      "cflags_cc!": [ "-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20" ],
      "cflags": [ "-O2", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fvisibility=hidden",
        "-fno-semantic-interposition", "-fno-plt", "-pthread" ],
      "cflags_c": [ "-std=c11" ],
      "cflags_cc": [ "-std=c++17", "-fexceptions" ],
      "ldflags": [ "-Wl,-z,nodelete", "-Wl,-z,now", "-Wl,--exclude-libs,ALL", "-pthread" ],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++17",
        "GCC_C_LANGUAGE_STANDARD": "c11",
        "GCC_ENABLE_CPP_EXCEPTIONS": "YES",
        "GCC_ENABLE_CPP_RTTI": "YES",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "MACOSX_DEPLOYMENT_TARGET": "11.0"
      },
      "libraries": [ "<!@(node ../scripts/native-flags.js libraries)" ]
    }
  ]
}
