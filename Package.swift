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
        .target(name: "Threads", swiftSettings: strict),
        .target(name: "OnewayCore", swiftSettings: strict),
        .executableTarget(name: "oneway", dependencies: ["OnewayCore", "Threads"], swiftSettings: strict),

        .executableTarget(
            name: "bench-decode",
            dependencies: ["OnewayCore"],
            path: "Benchmarks/decode",
            exclude: ["count-allocations.c"],
            swiftSettings: strict
        ),

        .testTarget(name: "OnewayCoreTests", dependencies: ["OnewayCore"], swiftSettings: strict),
        .testTarget(name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: strict),
        .testTarget(name: "TidyTests", swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
