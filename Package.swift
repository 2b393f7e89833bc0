// swift-tools-version: 6.3
import PackageDescription

/// Every Swift target: Swift 6 concurrency, memory safety spelled out, no warning passes.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A door to a C library: a module map and a shim, nothing else.
func door(_ name: String, _ pkgConfig: String, _ debianPackage: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debianPackage])])
}

let package = Package(
    name: "oneway",
    products: [.executable(name: "oneway", targets: ["oneway"])],
    targets: [
        door("CSQLite", "sqlite3", "libsqlite3-dev"),
        door("CLZ4", "liblz4", "liblz4-dev"),

        .target(name: "Threads", swiftSettings: strict),
        .target(name: "Store", dependencies: ["CLZ4", "CSQLite", "OnewayCore", "Threads"], swiftSettings: strict),
        .target(name: "OnewayCore", swiftSettings: strict),
        .executableTarget(name: "oneway", dependencies: ["OnewayCore", "Threads"], swiftSettings: strict),

        .executableTarget(
            name: "bench-store",
            dependencies: ["OnewayCore", "Store", "Threads"],
            path: "Benchmarks/store",
            swiftSettings: strict
        ),

        .testTarget(name: "StoreTests", dependencies: ["OnewayCore", "Store", "Threads"], swiftSettings: strict),
        .testTarget(name: "OnewayCoreTests", dependencies: ["OnewayCore"], swiftSettings: strict),
        .testTarget(name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
