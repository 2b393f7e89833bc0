// swift-tools-version: 6.3
import PackageDescription

/// For every Swift target: Swift 6 concurrency, strict memory safety, warnings as errors.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A wrapper for a C library: a module map and a shim, nothing else.
func door(_ name: String, _ pkgConfig: String, _ debianPackage: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([debianPackage])])
}

let package = Package(
    name: "oneway",
    products: [.executable(name: "oneway", targets: ["oneway"])],
    targets: [
        door("CCurl", "libcurl", "libcurl4-openssl-dev"),
        door("CLZ4", "liblz4", "liblz4-dev"),
        .systemLibrary(name: "CMalloc"),
        door("CMicroHTTPD", "libmicrohttpd", "libmicrohttpd-dev"),
        door("CPostgres", "libpq", "libpq-dev"),
        door("CSQLite", "sqlite3", "libsqlite3-dev"),
        door("CYAML", "yaml-0.1", "libyaml-dev"),

        .target(name: "Threads", swiftSettings: strict),
        .target(name: "Telemetry", dependencies: ["OnewayCore", "Threads"], swiftSettings: strict),
        .target(name: "Configuration", dependencies: ["CYAML", "Telemetry"], swiftSettings: strict),
        .target(name: "HTTPServer", dependencies: ["CMicroHTTPD", "Threads"], swiftSettings: strict),
        .target(name: "HTTPClient", dependencies: ["CCurl", "Threads"], swiftSettings: strict),
        .target(name: "MarketoClient", dependencies: ["HTTPClient", "OnewayCore"], swiftSettings: strict),
        .target(
            name: "DataverseClient",
            dependencies: ["Coordination", "HTTPClient", "OnewayCore", "Threads"],
            swiftSettings: strict
        ),
        .target(
            name: "DataverseRegistration",
            dependencies: ["DataverseClient", "OnewayCore"],
            swiftSettings: strict
        ),
        .target(name: "OnewayCore", swiftSettings: strict),
        .target(
            name: "Store",
            dependencies: ["CLZ4", "CPostgres", "CSQLite", "Coordination", "OnewayCore", "Threads"],
            swiftSettings: strict
        ),
        .target(
            name: "Sandbox",
            dependencies: ["HTTPServer", "OnewayCore", "Threads"],
            swiftSettings: strict
        ),
        .target(
            name: "Coordination",
            dependencies: ["OnewayCore", "Threads"],
            swiftSettings: strict
        ),
        .target(
            name: "Reading",
            dependencies: ["Configuration", "OnewayCore", "Store"],
            swiftSettings: strict
        ),
        .target(
            name: "Intake",
            dependencies: [
                "Configuration", "Coordination", "HTTPServer", "OnewayCore", "Reading", "Store", "Telemetry", "Threads",
            ],
            resources: [.embedInCode("openapi.yaml")],
            swiftSettings: strict
        ),
        .target(
            name: "Applying",
            dependencies: ["Configuration", "Coordination", "OnewayCore", "Reading", "Store", "Telemetry", "Threads"],
            swiftSettings: strict
        ),
        .target(
            name: "Forwarding",
            dependencies: [
                "Configuration", "Coordination", "HTTPClient", "MarketoClient", "OnewayCore", "Store", "Telemetry",
                "Threads",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Alerting",
            dependencies: [
                "Configuration", "Coordination", "HTTPClient", "OnewayCore", "Store", "Telemetry", "Threads",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Completing",
            dependencies: [
                "Applying", "Configuration", "Coordination", "DataverseClient", "HTTPClient", "OnewayCore", "Store",
                "Telemetry", "Threads",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Verifying",
            dependencies: [
                "Applying", "Completing", "Coordination", "DataverseClient", "Forwarding", "OnewayCore", "Store",
                "Telemetry",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Loading",
            dependencies: [
                "Applying", "Completing", "Coordination", "DataverseClient", "OnewayCore", "Store", "Telemetry",
                "Threads",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Reconciling",
            dependencies: [
                "Applying", "Coordination", "DataverseClient", "Loading", "OnewayCore", "Store", "Telemetry", "Threads",
            ],
            swiftSettings: strict
        ),
        .target(
            name: "Admin",
            dependencies: [
                "Alerting", "Applying", "Completing", "Configuration", "Coordination", "DataverseClient",
                "Forwarding", "HTTPServer", "Intake", "Loading", "OnewayCore", "Reading", "Reconciling", "Store",
                "Telemetry", "Threads", "Verifying",
            ],
            resources: [.embedInCode("Pages/icon.svg"), .embedInCode("Pages/page.css"), .embedInCode("Pages/page.js")],
            swiftSettings: strict
        ),
        .target(
            name: "Service",
            dependencies: [
                "Admin", "Alerting", "Applying", "Completing", "Configuration", "Coordination", "DataverseClient",
                "Forwarding", "HTTPServer", "Intake", "Loading", "MarketoClient", "OnewayCore", "Reading",
                "Reconciling", "Store", "Telemetry", "Threads", "Verifying",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "oneway",
            dependencies: [
                "Admin", "Alerting", "Applying", "CMalloc", "Completing", "Configuration", "Coordination",
                "DataverseClient", "DataverseRegistration", "Forwarding", "HTTPClient", "HTTPServer", "Intake",
                "OnewayCore", "Reading", "Sandbox", "Service", "Store", "Telemetry", "Threads",
            ],
            resources: [.embedInCode("Demo/Playground/playground.css")],
            swiftSettings: strict,
            plugins: ["BuildInfo"]
        ),
        .plugin(name: "BuildInfo", capability: .buildTool()),

        .executableTarget(
            name: "bench-apply",
            dependencies: ["Applying", "Configuration", "OnewayCore", "Reading", "Store", "Telemetry", "Threads"],
            path: "Benchmarks/apply",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-http",
            dependencies: ["HTTPServer"],
            path: "Benchmarks/http",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-rules",
            dependencies: ["OnewayCore"],
            path: "Benchmarks/rules",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-store",
            dependencies: ["OnewayCore", "Store", "Threads"],
            path: "Benchmarks/store",
            swiftSettings: strict
        ),

        .target(
            name: "TestSupport",
            dependencies: ["HTTPServer", "OnewayCore", "Threads"],
            path: "Tests/Support",
            swiftSettings: strict
        ),
        .testTarget(
            name: "ConfigurationTests",
            dependencies: ["Configuration", "Telemetry", "TestSupport"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTTPClientTests",
            dependencies: ["HTTPClient", "HTTPServer", "TestSupport", "Threads"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: ["HTTPServer", "TestSupport", "Threads"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-decode",
            dependencies: ["OnewayCore"],
            path: "Benchmarks/decode",
            exclude: ["count-allocations.c"],
            swiftSettings: strict
        ),

        .testTarget(
            name: "MarketoClientTests",
            dependencies: [
                "HTTPClient", "HTTPServer", "MarketoClient", "OnewayCore", "Sandbox", "TestSupport", "Threads",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "DataverseClientTests",
            dependencies: [
                "Coordination", "DataverseClient", "HTTPClient", "HTTPServer", "OnewayCore", "Sandbox", "TestSupport",
                "Threads",
            ],
            swiftSettings: strict
        ),
        .testTarget(name: "OnewayCoreTests", dependencies: ["OnewayCore", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "SandboxTests",
            dependencies: ["HTTPServer", "OnewayCore", "Sandbox", "TestSupport", "Threads"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "ServiceTests",
            dependencies: [
                "Admin", "Alerting", "Applying", "Completing", "Configuration", "Coordination", "DataverseClient",
                "DataverseRegistration", "Forwarding", "HTTPClient", "HTTPServer", "Intake", "MarketoClient",
                "OnewayCore", "Reading", "Reconciling", "Sandbox", "Service", "Store", "Telemetry", "TestSupport",
                "Threads", "Verifying", "oneway",
            ],
            swiftSettings: strict
        ),
        .testTarget(
            name: "StoreTests",
            dependencies: ["OnewayCore", "Store", "TestSupport", "Threads"],
            exclude: ["SQLite/Files"],
            swiftSettings: strict
        ),
        .testTarget(
            name: "TelemetryTests",
            dependencies: ["OnewayCore", "Telemetry", "TestSupport", "Threads"],
            swiftSettings: strict
        ),
        .testTarget(name: "ThreadsTests", dependencies: ["Threads"], swiftSettings: strict),
        .testTarget(name: "TidyTests", dependencies: ["TestSupport", "Threads"], swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
